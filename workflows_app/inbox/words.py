"""The words by which triage knows what a message is about, each with its weight."""

import re
from collections.abc import Mapping
from typing import Final

DISPUTE: Final = "invoice_dispute"
PROMISE: Final = "payment_promise"
ORDER: Final = "order"
QUOTE: Final = "quote_request"
OTHER: Final = "other"
CLASSES: Final = (DISPUTE, PROMISE, ORDER, QUOTE, OTHER)

# 4: says it outright; 2: says it together with others.
_PHRASES: Final[Mapping[str, Mapping[str, int]]] = {
    DISPUTE: {
        r"(?:dispute|disputes|disputed|disputing|contest|contesting)": 4,
        r"(?:over|double|mis)[- ]?(?:charged|billed|charging|billing)": 4,
        r"(?:charged|billed|invoiced) (?:us )?(?:twice|too much|for the wrong|the wrong|incorrectly)": 4,
        r"(?:billed|charged|invoiced) (?:us )?for [^.\n]{1,60} but": 4,
        r"(?:invoice|bill|amount|price|quantity|total|charge) (?:\S+ )?(?:is|was|are|were|looks|seems) "
        r"(?:\w+ )?(?:wrong|incorrect|too high|not right|not correct|off)": 4,
        r"(?:wrong|incorrect) (?:invoice|amount|price|quantity|item|items|charge|total)": 3,
        r"(?:never|not|n't) (?:been )?(?:received?|delivered|get|got|arrived?|ordered?)": 2,
        r"only (?:received|got|delivered)": 2,
        r"(?:short[- ]?(?:shipped|delivered|delivery|shipment)|short by|were short|missing|damaged|spoiled|expired)": 2,
        r"(?:credit (?:memo|note)|refund|corrected invoice|correct the invoice|adjust the invoice)": 2,
        r"(?:discrepancy|mistake|error on|does(?: not|n't) match|do(?: not|n't) match|do(?: not|n't) agree)": 2,
        r"(?:wrong|incorrect|returned)": 2,
    },
    PROMISE: {
        r"(?:will|we'll|i'll|going to) (?:be )?(?:\w+ )?(?:pay|paying|send (?:the )?(?:payment|check|cheque))": 4,
        r"(?:payment|check|cheque|ach|wire|remittance) (?:\S+ ){0,3}"
        r"(?:on its way|in the mail|mailed|sent|scheduled|was issued|will be|goes out|is going out)": 4,
        r"(?:pay|paid|payment) (?:\S+ ){0,4}by (?:the end|monday|tuesday|wednesday|thursday|friday|next|\w+ \d)": 3,
        r"(?:payment (?:run|plan)|remittance advice|payment promise|in installments)": 2,
    },
    ORDER: {
        r"(?:place|placing) (?:an|our|the|this|another|a new) (?:\w+ )?order": 4,
        r"(?:purchase order|po number|po #|p\.o\.)": 3,
        r"(?:please|can you|could you) (?:\w+ )?(?:ship|deliver|order"
        r"|send us(?! (?:a |an |your |updated |the )*(?:quote|quotation|price|prices|pricing|bid)))": 3,
        r"(?:would like|want|need) to order": 4,
        r"(?:standing order|weekly order|our order for|next order|reorder|re-order)": 2,
    },
    QUOTE: {
        r"(?:request for (?:a )?(?:quote|quotation|proposal)|rfq|rfp|invitation (?:to|for) bid)": 4,
        r"(?:send|give|get|provide|have|need|like|want) (?:us |me )?(?:a |an |your |updated |the )*"
        r"(?:quote|quotation|price list|pricing|bid|prices)": 4,
        r"(?:quote|bid|price) (?:us |me )?(?:on|for) ": 2,
        r"(?:how much (?:is|are|would|for)|what (?:is|are|would be) (?:the|your) prices?)": 3,
        r"(?:quotation|bid sheet|bid opening|price quote)": 2,
    },
}
PHRASES: Final[Mapping[str, tuple[tuple[re.Pattern[str], int], ...]]] = {
    name: tuple((re.compile(rf"(?<![a-z]){phrase}(?![a-z])"), weight) for phrase, weight in phrases.items())
    for name, phrases in _PHRASES.items()
}
# "We do not dispute": what follows one of these so closely is not said.
DENIED: Final = re.compile(r"(?:\bnot|n't|\bno|\bno longer|\bnothing|\bwithout|\bnever)(?: \w+){0,2} $")
# These are denials themselves.
DENYING: Final = re.compile(r"^(?:never|not|n't|do)")

"""Words that a draft may only use when the text it rewrites does."""

from typing import Final

_FIGURES: Final = """
    afternoon day days deadline fortnight hour hours minute minutes month months morning night
    today tomorrow tonight week weekend weeks year years yesterday
    monday tuesday wednesday thursday friday saturday sunday january february april june july august september
    october november december
    zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million
    billion dozen dozens half third percent cent cents dollar dollars
"""
_PROMISES: Final = """
    accept accepted accepting admit admits admitted agree agreed agrees apologize approve approved approval
    cancel canceled cancelled cancels compensate compensation credit credited credits
    deduct deducted discount discounts error errors exempt fault forgive forgiven free freeze goodwill grant granted
    guarantee guaranteed guarantees liable liability mistake mistakes owe owed promise promised promises rebate refund
    refunded refunds reimburse reimbursed reimbursement resolved reverse reversed settle settled settlement
    void voided waive waived waiver withdraw withdrawn writeoff
    attorney collection collections court interest judgment lawsuit lawyer legal penalty police sue suspend suspended
    terminate
    bank bitcoin card crypto iban paypal password pin routing transfer venmo wire zelle
    ai assistant chatgpt instruction instructions model prompt
    click download link login website
"""
# Numbers and points in time in words.
FIGURES: Final = frozenset(_FIGURES.split())
# What a letter must not promise, admit, threaten or ask for.
PROMISES: Final = frozenset(_PROMISES.split())

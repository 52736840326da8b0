"""Which of the numbers in a message are invoices that there are."""

from collections.abc import Sequence
from dataclasses import dataclass

from workflows_app.inbox.references import candidates, named
from workflows_app.models import Transaction


@dataclass(frozen=True, kw_only=True)
class Invoices:
    """What a message says about invoices.

    `reference`: the one that it is about, as it stands in the ledger, or as the message calls it when there is none
    such; empty when it names none or several. `known`: whether there is such an invoice, the sender's if he is known.
    `several`: those among which a person must choose.
    """

    reference: str = ""
    known: bool = False
    several: tuple[str, ...] = ()


def invoices_in(written: str, quoted: str, customer_id: str | None) -> Invoices:
    """Look at what the sender wrote himself, then at what he answers to."""
    for text in (written, quoted):
        found = _known(candidates(text), customer_id)
        if found:
            several = tuple(found) if len(found) > 1 else ()
            return Invoices(reference="" if several else found[0], known=not several, several=several)
    return Invoices(reference=named(written))


def invoice_known(reference: str) -> bool:
    """Whether there is an invoice of this number."""
    return Transaction.objects.filter(type="CustInvc", tranid=reference).exists()


def _known(numbers: Sequence[str], customer_id: str | None) -> list[str]:
    """The invoices with these numbers in the order of the message: the customer's own, or anybody's for a stranger."""
    rows = Transaction.objects.filter(type="CustInvc", tranid__in=numbers)
    if customer_id:
        rows = rows.filter(customer_id=customer_id)
    found = set(rows.values_list("tranid", flat=True))
    return [number for number in numbers if number in found]

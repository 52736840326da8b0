"""`customer_payments` ← which invoices a payment is applied to, and what of it is not applied yet.

One row for each invoice, and one without an invoice for the rest. Every column is NetSuite's; a row is matched by
payment and invoice. NetSuite has no id of such a pair: a new row is called `<payment>-<invoice>`, or
`<payment>-unapplied`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from workflows_app.models import Customer
from workflows_app.netsuite.sync.values import Reading, Record, day, decimal, our_id, size

Applied = Mapping[str, Mapping[str, Decimal]]


def sql(ids: str) -> str:
    """What payments are applied to; `ids` are NetSuite's, separated by commas."""
    return (
        "SELECT k.nextdoc AS id, k.previousdoc AS invoice, k.foreignamount FROM nextTransactionLineLink k "  # noqa: S608
        f"WHERE k.nextdoc IN ({ids}) AND k.linktype = 'Payment' AND k.previoustype = 'CustInvc' "
        "ORDER BY k.nextdoc, k.previousdoc, k.nextline"
    )


def applied(links: Iterable[Record]) -> Applied:
    """The amount by payment and invoice."""
    found: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for link in links:
        found[link["id"]][link["invoice"]] += abs(decimal(link, "foreignamount"))
    return found


def rows(payment: Record, invoices: Mapping[str, Decimal], key: str, reading: Reading) -> Iterator[dict[str, Any]]:
    """Our rows of one payment, which has the key `key` with us."""
    same = {
        "payment_id": key,
        "customer_id": our_id(payment.get("entity"), Customer, reading) or "",
        "payment_date": day("trandate")(payment, reading),
    }
    for invoice, amount in invoices.items():
        yield {**same, "id": f"{key}-{invoice}", "transaction_id": invoice, "amount": amount}
    rest = size("foreignpaymentamountunused")(payment, reading)
    if rest:
        yield {**same, "id": f"{key}-unapplied", "transaction_id": None, "amount": rest}

"""What a pass of each kind reads.

| kind | when | what |
| --- | --- | --- |
| `scheduled_hot_customer_payments` | every 15 minutes | changed invoices and payments, and what these pay for |
| `scheduled_hot_transactions` | every 15 minutes | everything that changed; the first time, everything |
| `nightly_full` | at night | people, items, customers and open invoices whole; what is gone |
| `full` | by hand | everything; what is gone |

A line can change without its transaction, a price without its item, what an invoice owes without the invoice: the
overlap of the windows finds most of that, the nightly pass the rest of what is still open.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from workflows_app.netsuite.sync.declarations.customers import CUSTOMERS
from workflows_app.netsuite.sync.declarations.items import items
from workflows_app.netsuite.sync.declarations.people import SALES_REPS, VENDORS
from workflows_app.netsuite.sync.declarations.terms import PAYMENT_TERMS
from workflows_app.netsuite.sync.declarations.transactions import RECEIVABLES, TRANSACTIONS, of_types
from workflows_app.netsuite.sync.mirror import Mirror
from workflows_app.netsuite.sync.stages import Asked, Rows, Stage, WithParts
from workflows_app.netsuite.sync.zone import ORACLE_FORMAT, AccountZone

HOT = "scheduled_hot_customer_payments"
CHANGES = "scheduled_hot_transactions"
NIGHTLY = "nightly_full"
FULL = "full"
KINDS = (HOT, CHANGES, NIGHTLY, FULL)
# Kinds whose completed passes have read what this one reads; the others read whole tables.
COVERED_BY: Mapping[str, tuple[str, ...]] = {HOT: (HOT, CHANGES, FULL), CHANGES: (CHANGES, FULL)}
# Failures in a row that Mike is told of; by day the next quarter of an hour usually mends it.
ALERT_AFTER: Mapping[str, int] = {HOT: 3, CHANGES: 3, NIGHTLY: 1, FULL: 3}

_SINCE = f"TO_DATE(?, '{ORACLE_FORMAT}')"
# Settled by a payment that changed: NetSuite does not always count that as a change of the invoice.
_SETTLED = (
    "t.id IN (SELECT k.previousdoc FROM nextTransactionLineLink k JOIN transaction p ON p.id = k.nextdoc "  # noqa: S608
    f"WHERE k.linktype = 'Payment' AND p.type = 'CustPymt' AND p.lastmodifieddate >= {_SINCE})"
)
_OPEN_INVOICES = "t.type = 'CustInvc' AND t.foreignamountunpaid > 0"


def stages(kind: str, since: datetime | None, zone: AccountZone, *, accept_gone: bool = False) -> Sequence[Stage]:
    """The parts of a pass in order: what others refer to comes first. `since` None reads everything."""
    start = None if since is None else zone.window_start(since)
    if kind == HOT:
        return [_transactions(start, of_types(RECEIVABLES))]
    if kind == CHANGES:
        return [*(_changed(mirror, start) for mirror in _masters()), _transactions(start)]
    whole = [Rows(mirror=mirror) for mirror in _masters()]
    gone = [
        Asked(mirror=one, label=f"{one.table}: gone", accept_gone=accept_gone) for one in (TRANSACTIONS, *_masters())
    ]
    if kind == FULL:
        return [*whole, _transactions(None), *gone]
    open_here = Asked(
        mirror=TRANSACTIONS,
        label="transactions: open here",
        only=Q(type="CustInvc", foreignamountunpaid__gt=0),
        whole=True,
    )
    open_there = WithParts(mirror=TRANSACTIONS, condition=_OPEN_INVOICES, label="transactions: open there")
    return [*whole, open_there, open_here, *gone]


def mirrors() -> tuple[Mirror, ...]:
    """Every table that is read by its own id."""
    return (*_masters(), TRANSACTIONS)


def _masters() -> tuple[Mirror, ...]:
    return (PAYMENT_TERMS, SALES_REPS, VENDORS, items(), CUSTOMERS)


def _changed(mirror: Mirror, start: str | None) -> Stage:
    if start is None or not mirror.modified:
        return Rows(mirror=mirror)
    return Rows(mirror=mirror, condition=f"{mirror.alias}.lastmodifieddate >= {_SINCE}", params=(start,))


def _transactions(start: str | None, types: str = "") -> Stage:
    if start is None:
        return WithParts(mirror=TRANSACTIONS, condition=types)
    changed = f"(t.lastmodifieddate >= {_SINCE} OR {_SETTLED})"
    condition = f"{types} AND {changed}" if types else changed
    return WithParts(mirror=TRANSACTIONS, condition=condition, params=(start, start))

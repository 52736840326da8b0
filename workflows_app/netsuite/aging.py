"""The AR aging: who owes what, for how long.

One of the named writers of DESIGN.md section 2 (with mirror sync): it copies what the ledger says into `ar_aging` and
decides nothing. Called after each sync and after the demo data is loaded.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from workflows_app.models import ArAging, Customer, CustomerPayment, Transaction

_BATCH = 1000
_BUCKETS = ((0, "current"), (30, "1-30"), (60, "31-60"), (90, "61-90"))


def bucket_of(days_overdue: int) -> str:
    """NetSuite's own labels, by days past the due date; due today is `current`."""
    return next((label for last, label in _BUCKETS if days_overdue <= last), "over 90")


def rebuild_aging(as_of: date) -> int:
    """Replace `ar_aging` by the open invoices, aged as of a day, in one transaction; how many rows it has now.

    An invoice is open while `foreignamountunpaid`, which NetSuite keeps after every applied payment, is above zero.
    Payments that nobody applied yet (no `transaction_id`, paid by `as_of`) count first: they reduce the customer's
    invoices, oldest due date first, and an invoice that they cover is not owed. An invoice without a due date is due on
    its own date; one without a customer is nobody's debt and left out. Two rebuilds at once need the caller's lock.
    """
    with transaction.atomic():
        ArAging.objects.all().delete()
        rows, count = _rows(as_of), 0
        while some := list(islice(rows, _BATCH)):
            count += len(ArAging.objects.bulk_create(some))
        return count


def _rows(as_of: date) -> Iterator[ArAging]:
    credit = _unapplied(as_of)
    for customer, name, invoice, tranid, unpaid, due in _open_invoices().iterator(chunk_size=_BATCH):
        covered = min(unpaid, credit.get(customer, Decimal(0)))
        if covered:
            credit[customer] -= covered
        if unpaid == covered:
            continue
        days = (as_of - due).days
        yield ArAging(
            customer_id=customer,
            customer_name=name or f"customer {customer}",
            transaction_id=invoice,
            tranid=tranid,
            amount=unpaid - covered,
            days_overdue=days,
            bucket=bucket_of(days),
            as_of=as_of,
        )


def _open_invoices() -> "QuerySet[Transaction, tuple[Any, ...]]":
    """Customer, its name, invoice, number, what is unpaid and when it is due; the oldest debt of a customer first."""
    name = Customer.objects.filter(pk=OuterRef("customer_id")).values("companyname")
    invoices = Transaction.objects.filter(type="CustInvc", foreignamountunpaid__gt=0, customer_id__isnull=False)
    return (
        invoices.annotate(due=Coalesce("duedate", F("trandate")), customer_name=Subquery(name))
        .order_by("customer_id", "due", "id")
        .values_list("customer_id", "customer_name", "id", "tranid", "foreignamountunpaid", "due")
    )


def _unapplied(as_of: date) -> dict[str, Decimal]:
    """What each customer has paid and nobody has applied yet."""
    open_payments = CustomerPayment.objects.filter(transaction_id__isnull=True, payment_date__lte=as_of, amount__gt=0)
    return dict(open_payments.values("customer_id").annotate(total=Sum("amount")).values_list("customer_id", "total"))

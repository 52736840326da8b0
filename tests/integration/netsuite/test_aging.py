"""The AR aging rebuild."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import (
    TODAY,
    ArAgingFactory,
    CustomerFactory,
    CustomerPaymentFactory,
    TransactionFactory,
    days_ago,
)
from workflows_app.models import ArAging, CustomerPayment, Transaction
from workflows_app.netsuite.aging import rebuild_aging

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return CustomerFactory(companyname="Café Ñandú 🥐")


def _owed():
    return dict(ArAging.objects.values_list("tranid", "amount"))


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(-5, "current"), (0, "current"), (1, "1-30"), (30, "1-30"), (31, "31-60"), (60, "31-60"), (61, "61-90"),
     (90, "61-90"), (91, "over 90")],
)  # fmt: skip
def test_an_invoice_stands_in_the_bucket_of_its_days_past_due(customer, days, bucket):
    invoice = TransactionFactory(customer_id=customer.id, overdue=days)

    assert rebuild_aging(TODAY) == 1

    row = ArAging.objects.get()
    assert (row.days_overdue, row.bucket, row.as_of) == (days, bucket, TODAY)
    assert (row.customer_name, row.transaction_id, row.tranid) == ("Café Ñandú 🥐", invoice.id, invoice.tranid)


def test_what_is_open_counts_not_the_total(customer):
    TransactionFactory(
        customer_id=customer.id, tranid="A", foreigntotal=Decimal(100), foreignamountunpaid=Decimal("40.50")
    )

    rebuild_aging(TODAY)

    assert _owed() == {"A": Decimal("40.50")}


def test_paid_invoices_and_other_transactions_are_not_owed(customer):
    TransactionFactory(customer_id=customer.id, paid=True)
    TransactionFactory(customer_id=customer.id, type="VendBill")
    TransactionFactory(customer_id=customer.id, type="SalesOrd")

    assert rebuild_aging(TODAY) == 0


def test_applied_payments_are_not_subtracted_again(customer):
    invoice = TransactionFactory(customer_id=customer.id, tranid="A", foreignamountunpaid=Decimal(60))
    CustomerPaymentFactory(customer_id=customer.id, transaction_id=invoice.id, amount=Decimal(40))

    rebuild_aging(TODAY)

    assert _owed() == {"A": Decimal(60)}


def test_unapplied_payments_cover_the_oldest_invoices_first(customer):
    for tranid, overdue in (("new", 5), ("oldest", 80), ("old", 40)):
        TransactionFactory(customer_id=customer.id, tranid=tranid, overdue=overdue, foreigntotal=Decimal(100))
    CustomerPaymentFactory(customer_id=customer.id, amount=Decimal(100))
    CustomerPaymentFactory(customer_id=customer.id, amount=Decimal("30.25"))

    rebuild_aging(TODAY)

    assert _owed() == {"old": Decimal("69.75"), "new": Decimal(100)}


def test_a_payment_covers_only_its_customer_and_only_from_its_day_on(customer):
    TransactionFactory(customer_id=customer.id, tranid="A", overdue=5)
    CustomerPaymentFactory(customer_id="other", amount=Decimal(100))
    CustomerPaymentFactory(customer_id=customer.id, amount=Decimal(100), payment_date=days_ago(-1))

    rebuild_aging(TODAY)

    assert _owed() == {"A": Decimal(100)}


def test_an_invoice_without_due_date_is_due_on_its_own_date(customer):
    TransactionFactory(customer_id=customer.id, duedate=None, trandate=days_ago(33))

    rebuild_aging(TODAY)

    assert ArAging.objects.get().bucket == "31-60"


def test_an_invoice_of_an_unknown_customer_still_shows():
    TransactionFactory(customer_id="77")

    rebuild_aging(TODAY)

    assert ArAging.objects.get().customer_name == "customer 77"


def test_a_rebuild_replaces_everything(customer):
    ArAgingFactory(transaction_id="stale")
    invoice = TransactionFactory(customer_id=customer.id)
    rebuild_aging(TODAY - timedelta(days=1))

    rebuild_aging(TODAY)

    assert list(ArAging.objects.values_list("transaction_id", "as_of")) == [(invoice.id, TODAY)]


def test_a_failed_rebuild_leaves_the_old_aging(customer, monkeypatch):
    ArAgingFactory(transaction_id="old")
    TransactionFactory(customer_id=customer.id, foreignamountunpaid=Decimal(100))
    monkeypatch.setattr("workflows_app.netsuite.aging.bucket_of", lambda days: "no such bucket at all")

    with pytest.raises(Exception, match=r"aging_bucket_known|too long"):
        rebuild_aging(TODAY)

    assert list(ArAging.objects.values_list("transaction_id", flat=True)) == ["old"]


def test_the_number_of_queries_does_not_grow(customer):
    for number in range(30):
        TransactionFactory(customer_id=customer.id, overdue=number)

    with CaptureQueriesContext(connection) as queries:
        rebuild_aging(TODAY)

    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) <= 5


cents = st.integers(min_value=1, max_value=100_000).map(lambda value: Decimal(value) / 100)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(invoices=st.lists(st.tuples(cents, st.integers(-60, 200)), max_size=6), payments=st.lists(cents, max_size=4))
def test_what_is_owed_is_what_is_open_less_what_was_paid(customer, invoices, payments):
    Transaction.objects.all().delete()
    CustomerPayment.objects.all().delete()
    for amount, overdue in invoices:
        TransactionFactory(customer_id=customer.id, foreigntotal=amount, overdue=overdue)
    for amount in payments:
        CustomerPaymentFactory(customer_id=customer.id, amount=amount)

    rebuild_aging(TODAY)

    expected = max(Decimal(0), sum(amount for amount, _ in invoices) - sum(payments))
    assert sum(_owed_amounts(), Decimal(0)) == expected
    assert all(amount > 0 for amount in _owed_amounts())


def _owed_amounts():
    return list(ArAging.objects.values_list("amount", flat=True))

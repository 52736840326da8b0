"""What is gone in NetSuite: deleted, closed or kept, and never because somebody may not see it any more."""

import pytest

from tests import factories
from tests.integration.netsuite.sync.books import Books, synced
from workflows_app.models import (
    ArAging,
    Customer,
    CustomerPayment,
    PaymentTerm,
    SalesRep,
    SpecItem,
    Transaction,
    TransactionLine,
)
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.netsuite.sync.kinds import CHANGES, FULL, HOT, NIGHTLY
from workflows_app.netsuite.sync.passes import run_pass


@pytest.mark.parametrize("kind", [FULL, NIGHTLY])
def test_a_deleted_invoice_goes_with_its_lines_and_its_debt(books: Books, kind: str) -> None:
    customer, item = books.customer(), books.item()
    gone, kept = books.invoice(customer, item, 10.0), books.invoice(customer, item, 20.0)
    synced()
    books.client.delete("invoice", gone)

    row = synced(kind)

    assert list(Transaction.objects.values_list("id", flat=True)) == [kept]
    assert set(TransactionLine.objects.values_list("transaction_id", flat=True)) == {kept}
    assert list(ArAging.objects.values_list("transaction_id", flat=True)) == [kept]
    assert row.rows_deleted == 1


def test_a_deleted_payment_is_owed_again(books: Books) -> None:
    customer = books.customer()
    invoice = books.invoice(customer, books.item(), 100.0)
    payment = books.payment(customer, 70.0, **{f"i{invoice}": 40.0})
    synced()
    books.client.delete("customerPayment", payment)

    synced(NIGHTLY)

    assert CustomerPayment.objects.count() == 0
    assert ArAging.objects.get().amount == 100


@pytest.mark.parametrize("kind", [CHANGES, HOT])
def test_a_pass_over_changes_deletes_nothing(books: Books, kind: str) -> None:
    invoice = books.invoice(books.customer(), books.item(), 10.0)
    synced()
    books.client.delete("invoice", invoice)

    assert synced(kind).rows_deleted == 0
    assert Transaction.objects.count() == 1


def test_a_customer_that_is_gone_is_closed_and_stays_readable(books: Books) -> None:
    ns_id = books.customer()
    synced()
    books.client.delete("customer", ns_id)

    row = synced(FULL)

    assert (Customer.objects.get().entitystatus, row.rows_deleted) == ("closed", 1)
    assert synced(FULL).rows_deleted == 0


def test_an_item_that_is_gone_is_not_sold_any_more(books: Books) -> None:
    ns_id = books.item()
    synced()
    books.client.delete("inventoryItem", ns_id)

    synced(NIGHTLY)

    assert SpecItem.objects.get().active is False


def test_terms_that_are_gone_are_deleted_unless_somebody_has_them(books: Books) -> None:
    used, unused, _ = books.term("Net 30"), books.term("Net 45", 45), books.term("Net 60", 60)
    synced()
    factories.CustomerProfileFactory(terms_id=used)
    for ns_id in (used, unused):
        books.client.delete("term", ns_id)

    synced(FULL)

    assert set(PaymentTerm.objects.values_list("name", flat=True)) == {"Net 30", "Net 60"}


def test_a_row_that_netsuite_does_not_know_yet_stays(books: Books) -> None:
    factories.CustomerFactory(id="cs-cus-1a2b", ns_id=None, entitystatus="prospect")
    factories.TransactionFactory(id="cs-trx-1a2b")

    synced(FULL)

    assert (Customer.objects.get().entitystatus, Transaction.objects.count()) == ("prospect", 1)


def _lose_all_items(books: Books, sandbox: Sandbox) -> None:
    for number in range(6):
        books.item(f"DRY-{number}")
    synced()
    with sandbox.account.store.writing() as db:
        db.execute("DELETE FROM item")


def test_a_table_that_is_suddenly_empty_is_not_believed(books: Books, sandbox: Sandbox) -> None:
    _lose_all_items(books, sandbox)

    row = run_pass(FULL)

    assert row is not None
    assert (row.status, row.completed_at, row.rows_deleted) == ("failed", None, 0)
    assert "6 of 6 rows of spec_items are not in NetSuite any more" in row.error
    assert SpecItem.objects.filter(active=True).count() == 6


def test_a_person_can_say_that_it_is_so(books: Books, sandbox: Sandbox) -> None:
    _lose_all_items(books, sandbox)

    assert synced(FULL, accept_gone=True).rows_deleted == 6


@pytest.mark.parametrize("kind", [FULL, NIGHTLY])
@pytest.mark.parametrize("table", ["customer", "employee"])
def test_a_small_table_that_is_suddenly_empty_is_not_believed_either(
    books: Books, sandbox: Sandbox, kind: str, table: str
) -> None:
    for number in range(4):
        books.rep(last=f"Rep {number}")
        books.customer(f"Customer {number}")
    synced()
    with sandbox.account.store.writing() as db:
        db.execute(f"DELETE FROM {table}")

    row = run_pass(kind)

    assert row is not None
    assert (row.status, row.rows_deleted) == ("failed", 0)
    assert "4 of 4 rows of " in row.error
    assert SalesRep.objects.count() == 4
    assert Customer.objects.exclude(entitystatus="closed").count() == 4


def test_customers_whose_deletion_was_accepted_are_not_asked_for_again(books: Books) -> None:
    customers = [books.customer(f"Customer {number}") for number in range(2)]
    synced()
    for ns_id in customers:
        books.client.delete("customer", ns_id)

    assert synced(FULL, accept_gone=True).rows_deleted == 2
    assert synced(NIGHTLY).rows_deleted == 0

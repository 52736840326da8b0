"""A record that our tables cannot hold is left out with an alert; the others arrive."""

import pytest

from tests.integration.netsuite.sync.books import Books
from workflows_app.models import Alert, Customer, SyncLog, Transaction, TransactionLine
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.netsuite.sync.kinds import CHANGES, FULL, NIGHTLY
from workflows_app.netsuite.sync.passes import run_pass


def ruin(sandbox: Sandbox, table: str, ns_id: str, assignment: str) -> None:
    """Change a record to something that no client could store."""
    with sandbox.account.store.writing() as db:
        db.execute(f"UPDATE {table} SET {assignment} WHERE id = ?", (ns_id,))


def completed(kind: str) -> SyncLog:
    """A pass that went on to its end."""
    row = run_pass(kind)
    assert row is not None
    assert row.status == "completed", row.error
    return row


@pytest.mark.parametrize("kind", [CHANGES, FULL, NIGHTLY])
@pytest.mark.parametrize("ruined", ["creditlimit = 'a lot'", "creditlimit = 99999999999999999"])
def test_the_other_records_of_the_page_arrive(books: Books, sandbox: Sandbox, kind: str, ruined: str) -> None:
    bad, good = books.customer("Bad"), books.customer("Good")
    invoice = books.invoice(good, books.item(), 5.0)
    ruin(sandbox, "customer", bad, ruined)

    row = completed(kind)

    assert list(Customer.objects.values_list("ns_id", flat=True)) == [good]
    assert list(Transaction.objects.values_list("id", flat=True)) == [invoice]
    assert row.error == f"1 left out: customers {bad}."
    alert = Alert.objects.get()
    assert (alert.kind, alert.resolved_at) == ("sync_skipped", None)
    assert alert.message.startswith(f"Number {bad} of NetSuite could not be copied to customers")


def test_the_alert_ends_when_the_record_can_be_written(books: Books, sandbox: Sandbox) -> None:
    bad = books.customer("Bad")
    ruin(sandbox, "customer", bad, "creditlimit = 'a lot'")
    completed(FULL)
    ruin(sandbox, "customer", bad, "creditlimit = 5")

    assert completed(FULL).error == ""
    assert Alert.objects.get().resolved_at is not None
    assert Customer.objects.count() == 1


def test_a_transaction_is_left_out_with_its_lines_and_the_next_one_keeps_its_own(
    books: Books, sandbox: Sandbox
) -> None:
    customer, item = books.customer(), books.item()
    bad, good = books.invoice(customer, item, 10.0), books.invoice(customer, item, 20.0)
    ruin(sandbox, '"transaction"', bad, "foreigntotal = 'dear'")

    row = completed(FULL)

    assert row.error == f"1 left out: transactions {bad}."
    assert set(TransactionLine.objects.values_list("transaction_id", flat=True)) == {good}


def test_a_page_that_nobody_can_write_is_a_failed_pass(books: Books, sandbox: Sandbox) -> None:
    for number in range(6):
        ruin(sandbox, "customer", books.customer(f"Bad {number}"), "creditlimit = 'a lot'")

    row = run_pass(FULL)

    assert row is not None
    assert row.status == "failed"
    assert "creditlimit 'a lot' is no number" in row.error


def test_a_name_loses_its_nul_characters(books: Books) -> None:
    books.customer("Ada's\0 Kitchen")

    assert completed(FULL).error == ""
    assert Customer.objects.get().companyname == "Ada's Kitchen"

"""Invoices with their lines, payments with what they are applied to, and the aging that follows."""

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.netsuite.sync.books import Books, days_ago, synced
from tests.sandbox import Hands
from workflows_app.models import ArAging, CustomerPayment, SyncLog, Transaction, TransactionLine
from workflows_app.netsuite.client import NetSuite
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.netsuite.sync import stages
from workflows_app.netsuite.sync.kinds import CHANGES, FULL, HOT, NIGHTLY
from workflows_app.netsuite.sync.passes import run_pass
from workflows_app.netsuite.sync.skipping import Page
from workflows_app.reading.lookups import aggregate

FRESH = ("MAX", "sync_log", "completed_at", [("sync_type", "=", HOT)])


def owed() -> dict[str, Decimal]:
    """The aging, by invoice."""
    return dict(ArAging.objects.values_list("transaction_id", "amount"))


def lines(transaction: str) -> list[tuple[int, str | None, Decimal, Decimal, Decimal]]:
    """The lines of a transaction, in order."""
    found = TransactionLine.objects.filter(transaction_id=transaction).order_by("line")
    return list(found.values_list("line", "item_code", "quantity", "rate", "amount"))


def test_an_invoice_is_copied_with_its_lines_and_ages(books: Books) -> None:
    customer, item = books.customer(), books.item("DRY-1001")
    invoice = books.invoice(customer, item, 30.0, 22.06, tranId="INV7", tranDate="2026-09-14", dueDate="2026-10-14")

    synced()

    row = Transaction.objects.get()
    assert (row.id, row.type, row.tranid, row.customer_id, row.status) == (
        invoice,
        "CustInvc",
        "INV7",
        customer,
        "Open",
    )
    assert (str(row.trandate), str(row.duedate)) == ("2026-09-14", "2026-10-14")
    assert (row.foreigntotal, row.foreignamountunpaid) == (Decimal("52.06"), Decimal("52.06"))
    assert lines(invoice) == [
        (1, "DRY-1001", Decimal(2), Decimal(15), Decimal(30)),
        (2, "DRY-1001", Decimal(2), Decimal("11.03"), Decimal("22.06")),
    ]
    assert owed() == {invoice: Decimal("52.06")}


def test_lines_that_were_taken_out_in_netsuite_are_taken_out_here(books: Books, hands: Hands) -> None:
    item = books.item()
    invoice = books.invoice(books.customer(), item, 30.0, 22.0, 10.0)
    synced()
    hands.forward()
    books.replace_lines(invoice, item, 31.0)

    row = synced()

    assert [(line, amount) for line, *_, amount in lines(invoice)] == [(1, Decimal(31))]
    assert row.rows_deleted == 2


def test_a_payment_that_is_applied_lowers_what_is_owed(books: Books, hands: Hands) -> None:
    customer = books.customer()
    invoice = books.invoice(customer, books.item(), 100.0)
    synced()
    hands.forward()
    payment = books.payment(customer, 60.0, **{f"i{invoice}": 40.0})

    synced(HOT)

    assert Transaction.objects.get(pk=invoice).foreignamountunpaid == Decimal(60)
    applied = {row.transaction_id: row for row in CustomerPayment.objects.filter(payment_id=payment)}
    assert {key: row.amount for key, row in applied.items()} == {invoice: Decimal(40), None: Decimal(20)}
    assert {row.customer_id for row in applied.values()} == {customer}
    assert owed() == {invoice: Decimal(40)}  # what is not applied yet counts as well


def test_a_payment_that_is_applied_later_leaves_nothing_unapplied(books: Books, hands: Hands) -> None:
    customer = books.customer()
    invoice = books.invoice(customer, books.item(), 100.0)
    payment = books.payment(customer, 60.0)
    synced()
    assert CustomerPayment.objects.get().transaction_id is None
    hands.forward()
    apply = {"items": [{"doc": {"id": invoice}, "amount": 60.0, "apply": True}]}
    books.client.update("customerPayment", payment, {"apply": apply})

    synced(HOT)

    assert (CustomerPayment.objects.get().transaction_id, CustomerPayment.objects.get().amount) == (
        invoice,
        Decimal(60),
    )
    assert owed() == {invoice: Decimal(40)}


def test_an_invoice_that_is_paid_is_not_owed_any_more(books: Books, hands: Hands) -> None:
    customer = books.customer()
    invoice = books.invoice(customer, books.item(), 100.0)
    synced()
    hands.forward()
    books.payment(customer, 100.0, **{f"i{invoice}": 100.0})

    synced(HOT)

    assert (Transaction.objects.get(pk=invoice).status, owed()) == ("Paid In Full", {})


def test_an_invoice_that_is_paid_without_counting_as_changed_is_found_at_night(books: Books, sandbox: Sandbox) -> None:
    invoice = books.invoice(books.customer(), books.item(), 100.0)
    days_ago(sandbox, "transaction")
    synced()
    with sandbox.account.store.writing() as db:
        db.execute('UPDATE "transaction" SET foreignamountunpaid = 0, status = ? WHERE id = ?', ("B", int(invoice)))
    synced(HOT)
    assert owed() == {invoice: Decimal(100)}

    synced(NIGHTLY)

    assert owed() == {}


def test_a_bill_belongs_to_a_vendor_and_an_order_to_a_customer(books: Books) -> None:
    customer, item = books.customer(), books.item()
    vendor = books.client.create("vendor", {"companyName": "Hudson Cannery"})
    one = {"item": {"items": [{"line": 1, "item": {"id": item}, "quantity": 3, "rate": 5, "amount": 15}]}}
    bill = books.client.create("vendorBill", {"entity": {"id": vendor}, **one})
    order = books.client.create("salesOrder", {"entity": {"id": customer}, **one})
    estimate = books.client.create("estimate", {"entity": {"id": customer}, **one})

    synced()

    assert set(Transaction.objects.values_list("id", "type", "customer_id", "vendor_id")) == {
        (bill, "VendBill", None, vendor),
        (order, "SalesOrd", customer, None),
        (estimate, "Estimate", customer, None),
    }
    assert {key: lines(key)[0][2:] for key in (bill, order, estimate)} == dict.fromkeys(
        (bill, order, estimate), (Decimal(3), Decimal(5), Decimal(15))
    )


def test_receivables_wait_for_the_first_reading_of_everything(books: Books) -> None:
    books.customer()

    assert run_pass(HOT) is None
    synced()
    assert synced(HOT).window_from is not None


@pytest.mark.parametrize("kind", [HOT, NIGHTLY, FULL, CHANGES])
def test_only_a_pass_that_completed_counts_as_fresh(books: Books, kind: str) -> None:
    books.customer()
    synced()
    SyncLog.objects.create(sync_type=HOT, started_at=SyncLog.objects.get().started_at, status="failed")
    before = aggregate(*FRESH)

    synced(kind)

    assert before is None
    assert (aggregate(*FRESH) is not None) == (kind == HOT)


def test_an_invoice_is_read_again_when_only_its_payment_counts_as_changed(books: Books, sandbox: Sandbox) -> None:
    customer = books.customer()
    invoice = books.invoice(customer, books.item(), 100.0)
    synced()
    books.payment(customer, 100.0, **{f"i{invoice}": 100.0})
    with sandbox.account.store.writing() as db:
        db.execute("UPDATE \"transaction\" SET lastmodifieddate = '2020-01-01 00:00:00' WHERE id = ?", (int(invoice),))
    Transaction.objects.update(lastmodifieddate=None)

    synced(HOT)

    assert owed() == {}


def test_a_page_that_is_older_than_what_we_know_changes_no_lines_and_no_payments(
    books: Books, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, item = books.customer(), books.item()
    invoice = books.invoice(customer, item, 100.0)
    payment = books.payment(customer, 70.0)
    synced(FULL)
    hands.forward()
    reading = stages.with_parts

    def overtaken(client: NetSuite, page: Page) -> Page:
        """Read a page; before it is written, the books change and another pass copies that."""
        read = reading(client, page)
        monkeypatch.setattr(stages, "with_parts", reading)
        hands.forward()
        books.replace_lines(invoice, item, 30.0, 40.0)
        books.client.update("customerPayment", payment, {"apply": {"items": [_applied(invoice, 70.0)]}})
        synced(HOT)
        return read

    monkeypatch.setattr(stages, "with_parts", overtaken)
    synced(FULL)

    assert [line.amount for line in TransactionLine.objects.order_by("line")] == [30, 40]
    assert [(paid.transaction_id, paid.amount) for paid in CustomerPayment.objects.all()] == [(invoice, 70)]
    assert ArAging.objects.count() == 0


def _applied(invoice: str, amount: float) -> dict[str, Any]:
    return {"doc": {"id": invoice}, "amount": amount, "apply": True}

"""Customers: which columns are NetSuite's, which row a record means, and whose word is newer."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from tests import factories
from tests.integration.netsuite.pushes import approved_push
from tests.integration.netsuite.sync.books import Books, days_ago, synced
from tests.sandbox import Hands
from workflows_app.models import Customer, CustomerPayment, SyncLog, Transaction
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.netsuite.sync.kinds import FULL

ADDRESS = {"override": True, "addrText": "503 Église Lane\nCañon Falls, NY 12090"}


def test_a_customer_of_netsuite_is_copied_with_its_accents_and_references(books: Books) -> None:
    terms, rep = books.term(), books.rep()
    where = {"items": [{"defaultBilling": True, "label": "Billing", "addressBookAddress": ADDRESS}]}
    ns_id = books.customer(
        "Café Ñandú 🥐", phone="+1 555 0101", creditLimit=12500.5, addressBook=where, terms={"id": terms},
        salesRep={"id": rep},
    )  # fmt: skip

    synced()

    row = Customer.objects.get()
    assert (row.id, row.ns_id, row.companyname, row.entitystatus) == (ns_id, ns_id, "Café Ñandú 🥐", "active")
    assert (row.email, row.phone, row.credit_limit) == ("ap@example.org", "+1 555 0101", Decimal("12500.50"))
    assert (row.billing_address, row.shipping_address) == (ADDRESS["addrText"], None)
    assert (row.terms_id, row.sales_rep, row.pricing_tier) == (terms, rep, "standard")


def test_the_moment_of_the_last_change_arrives_in_utc(books: Books) -> None:
    ns_id = books.customer()

    synced()

    told = books.client.get("customer", ns_id)["lastModifiedDate"]
    assert Customer.objects.get().lastmodifieddate.isoformat() == told.replace("Z", "+00:00")


def test_an_inactive_customer_that_we_did_not_know_is_closed(books: Books) -> None:
    books.customer(isInactive=True)

    synced()

    assert Customer.objects.get().entitystatus == "closed"


def test_what_is_ours_is_never_overwritten(books: Books, hands: Hands) -> None:
    ns_id = books.customer("Before")
    synced()
    ours = {"entitystatus": "hold", "pricing_tier": "school", "created_at": hands() - timedelta(days=900)}
    Customer.objects.update(**ours)
    hands.forward()
    books.client.update("customer", ns_id, {"companyName": "After", "isInactive": True, "priceLevel": {"id": "1"}})

    synced()
    synced(FULL)

    row = Customer.objects.get()
    assert row.companyname == "After"
    assert {name: getattr(row, name) for name in ours} == ours


def test_a_customer_born_here_is_found_by_its_external_id(books: Books) -> None:
    factories.CustomerFactory(id="cs-cus-1a2b", ns_id=None, lastmodifieddate=None, entitystatus="prospect")
    ns_id = books.client.upsert("customer", "CS-CUS-1a2b", {"companyName": "Café Ñandú"})
    ns_id = ns_id or books.client.get("customer", "eid:cs-cus-1a2b")["id"]

    synced()

    row = Customer.objects.get()
    assert (row.id, row.ns_id, row.companyname, row.entitystatus) == ("cs-cus-1a2b", ns_id, "Café Ñandú", "prospect")


def test_references_to_a_customer_born_here_use_our_id(books: Books) -> None:
    factories.CustomerFactory(id="cs-cus-1a2b", ns_id=None)
    books.client.upsert("customer", "cs-cus-1a2b", {"companyName": "Café Ñandú"})
    ns_id = books.client.get("customer", "eid:cs-cus-1a2b")["id"]
    invoice = books.invoice(ns_id, books.item(), 52.06)
    payment = books.payment(ns_id, 60.0, **{f"i{invoice}": 52.06})

    synced()

    assert set(Transaction.objects.values_list("customer_id", flat=True)) == {"cs-cus-1a2b"}
    assert set(CustomerPayment.objects.values_list("customer_id", "payment_id")) == {("cs-cus-1a2b", payment)}


def test_a_change_that_netsuite_has_yet_to_be_told_is_not_undone(books: Books, mike: User) -> None:
    ns_id = books.customer("Before")
    synced()
    Customer.objects.update(companyname="Approved")
    approved_push(mike, "1", external_id=ns_id)

    synced(FULL)

    assert Customer.objects.get().companyname == "Approved"


def test_a_page_that_was_read_before_a_push_landed_says_nothing(books: Books, hands: Hands) -> None:
    books.customer("Before")
    synced()
    Customer.objects.update(companyname="Confirmed", lastmodifieddate=hands() + timedelta(minutes=1))

    assert synced().rows_upserted == 0
    assert Customer.objects.get().companyname == "Confirmed"


def test_an_unchanged_row_is_not_written(books: Books) -> None:
    books.customer()
    first = synced()

    second = synced()

    assert (first.rows_upserted, second.rows_upserted) == (1, 0)
    assert second.rows_read == 1  # within the overlap


@pytest.mark.parametrize(("hours", "read"), [(23, 1), (25, 0)])
def test_changes_are_read_again_for_a_day(books: Books, sandbox: Sandbox, hours: int, read: int) -> None:
    books.customer()
    days_ago(sandbox, "customer")
    synced()
    SyncLog.objects.update(window_to=Customer.objects.get().lastmodifieddate + timedelta(hours=hours))

    assert synced().rows_read == read

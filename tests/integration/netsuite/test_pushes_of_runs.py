"""From a form to NetSuite: what a run queues arrives as its card showed it, once."""

from typing import Any

import pytest
from django_q.models import OrmQ

from tests.company import item, quote_request
from tests.factories import PaymentTermFactory, PricingTierFactory
from tests.integration.netsuite.pushes import edit, hurry, new_record
from tests.sandbox import Hands
from tests.world import World, planned, status
from workflows_app.models import Alert, Customer, PendingPush, Quote, SpecItem
from workflows_app.netsuite.push import Counts, deliver_pushes, drain_pushes
from workflows_app.netsuite.sandbox.server import Sandbox

FORM = {
    "company_name": "Lakeside Schools",
    "contact_email": "office@lakeside.example.org",
    "billing_address": "1 Lake Rd\nSpringfield, NY 10001",
}


@pytest.fixture(autouse=True)
def _company(world: World, sandbox: Sandbox) -> None:
    term = new_record("term", name="Net 30", daysUntilNetDue=30)
    PaymentTermFactory(id="5", name="Net 30", ns_id=term)
    PricingTierFactory(tier="standard")
    item("MILK")
    SpecItem.objects.update(ns_id=new_record("inventoryItem", itemId="MILK"))


def doorbells() -> list[str]:
    return [row.func() for row in OrmQ.objects.all()]


def test_a_new_customer_arrives_and_becomes_active(world: World, sandbox: Sandbox) -> None:
    run = world.through_the_gate("new_customer", FORM)
    assert doorbells().count("workflows_app.tasks.deliver") == 1

    assert drain_pushes().applied == 1

    (record,) = sandbox.records("customer")
    customer = Customer.objects.get()
    assert (record["companyName"], record["externalId"]) == ("Lakeside Schools", customer.pk)
    assert [line["addressBookAddress"]["addrText"] for line in record["addressBook"]["items"]] == [
        FORM["billing_address"]
    ] * 2
    assert (customer.entitystatus, customer.ns_id) == ("active", record["id"])
    assert status(run) == "completed"


def test_the_quote_of_a_customer_who_is_on_his_way_follows_him(world: World, sandbox: Sandbox) -> None:
    world.through_the_gate("new_customer", FORM)
    customer = Customer.objects.get()
    quote_run = world.through_the_gate("customer_quote", quote_request(customer, "MILK"))

    assert drain_pushes().applied == 2

    (record,) = sandbox.records("estimate")
    quote = Quote.objects.get()
    assert record["entity"]["id"] == Customer.objects.get().ns_id
    assert (quote.ns_id, record["externalId"]) == (record["id"], quote.pk)
    assert [(line["line"], line["rate"]) for line in record["item"]["items"]] == [(1, 20.0)]
    assert status(quote_run) == "completed"


def revised(world: World, quote: Quote) -> Any:
    request = quote_request(Customer.objects.get(), "MILK", quote_id=quote.pk)
    return world.through_the_gate("customer_quote", request)


def test_a_revision_changes_the_same_estimate(world: World, sandbox: Sandbox, hands: Hands) -> None:
    world.through_the_gate("new_customer", FORM)
    world.through_the_gate("customer_quote", quote_request(Customer.objects.get(), "MILK"))
    drain_pushes()
    hands.forward()
    quote = Quote.objects.get()

    run = revised(world, quote)
    assert planned(run, "ns_push")[0]["expected_modified"] is not None
    assert drain_pushes().applied == 1

    (record,) = sandbox.records("estimate")
    assert record["memo"].endswith("revision 2")
    assert len(record["item"]["items"]) == 1


def test_an_estimate_that_was_edited_in_netsuite_between_plan_and_push_is_not_overwritten(
    world: World, sandbox: Sandbox, hands: Hands
) -> None:
    world.through_the_gate("new_customer", FORM)
    world.through_the_gate("customer_quote", quote_request(Customer.objects.get(), "MILK"))
    drain_pushes()
    revised(world, Quote.objects.get())
    hands.forward()
    edit("estimate", Quote.objects.get().ns_id, memo="Agreed by telephone")

    assert deliver_pushes() == Counts(conflict=1)
    hurry()
    assert deliver_pushes() == Counts()

    assert sandbox.records("estimate")[0]["memo"] == "Agreed by telephone"
    assert Alert.objects.filter(kind="push_conflict", resolved_at=None).exists()
    assert PendingPush.objects.get(status="conflict").attempts == 0

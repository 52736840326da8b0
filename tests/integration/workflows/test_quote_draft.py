"""A quote drafted in a chat: approving the draft offers its prices and starts the quote, once."""

from decimal import Decimal
from typing import Any

import pytest

from approvals.canonical import parse
from approvals.models import ProposedAction
from tests.company import YEAR, customer, item
from tests.world import World, failed_checks, snapshot, status
from workflows_app import tasks
from workflows_app.models import Customer, Event, PricingMaster, ProposedPricing, Quote, WorkflowRun
from workflows_app.runner.recheck import READING_ERRORS
from workflows_app.triggers import events


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer, and an item at 20.00."""
    item("MILK", "20.00")
    return customer("Oak School")


def request(oak: Customer, **changes: Any) -> dict[str, Any]:
    return {
        "customer_id": oak.pk,
        "item_codes": ["MILK"],
        "school_year": YEAR,
        "include_pdf": False,
        "prices": [{"item_code": "MILK", "case_price": "17.75"}],
        **changes,
    }


def started() -> list[WorkflowRun]:
    return list(WorkflowRun.objects.filter(workflow_type="customer_quote"))


def test_a_draft_is_only_a_proposal(world: World, oak: Customer) -> None:
    before = snapshot()

    run = world.start("quote_draft", request(oak))
    world.work()

    assert status(run) == "completed"
    assert world.leaf(run, "stage_draft").action_type == "quote_draft"
    assert snapshot() == before
    assert started() == []


def test_approving_the_draft_offers_its_prices_and_starts_the_quote(world: World, oak: Customer) -> None:
    draft = world.leaf(world.start("quote_draft", request(oak)), "stage_draft")

    world.approve(draft)

    [run] = started()
    offered = ProposedPricing.objects.get()
    assert (offered.item_code, offered.case_price, offered.status) == ("MILK", Decimal("17.75"), "open")
    assert (run.trigger_kind, run.status) == ("hitl_approval", "awaiting_approval")
    assert parse(run.trigger)["principal"] == "machine:events"
    assert not Quote.objects.exists()


def test_the_second_yes_writes_the_quote_at_the_offered_price(world: World, oak: Customer) -> None:
    world.approve(world.leaf(world.start("quote_draft", request(oak)), "stage_draft"))
    [run] = started()

    world.approve(world.gate(run))

    assert status(run) == "completed"
    assert Quote.objects.get().total == Decimal("17.75")
    assert PricingMaster.objects.get().case_price == Decimal("17.75")
    assert ProposedPricing.objects.get().status == "promoted"


def test_dispatching_the_approval_twice_starts_one_run(world: World, oak: Customer) -> None:
    world.approve(world.leaf(world.start("quote_draft", request(oak)), "stage_draft"))
    Event.objects.update(dispatched_at=None)

    events.dispatch()
    tasks.dispatch_events()

    assert len(started()) == 1
    assert ProposedPricing.objects.count() == 1
    assert ProposedAction.objects.filter(action_type="workflow_customer_quote").count() == 1


def test_rejecting_the_draft_starts_nothing(world: World, oak: Customer) -> None:
    draft = world.leaf(world.start("quote_draft", request(oak)), "stage_draft")

    world.decide(draft, "reject")
    world.work()

    assert started() == []
    assert not ProposedPricing.objects.exists()


def test_approving_another_kind_of_proposal_starts_no_quote(world: World, oak: Customer) -> None:
    form = {"company_name": "Elm", "contact_email": "office@elm.example.org", "billing_address": "1 Elm Rd"}

    run = world.through_the_gate("new_customer", form)
    world.approve(world.leaf(run, "welcome_email"))

    assert started() == []


def test_a_draft_for_a_customer_put_on_hold_meanwhile_is_closed(world: World, oak: Customer) -> None:
    draft = world.leaf(world.start("quote_draft", request(oak)), "stage_draft")
    Customer.objects.filter(pk=oak.pk).update(entitystatus="hold")

    result = world.approve(draft)

    assert result.outcome == "closed"
    assert started() == []


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"prices": [{"item_code": "RICE", "case_price": "1.00"}]}, "prices_are_of_items"),
        ({"item_codes": ["GHOST"], "prices": None}, "items_found"),
        ({"quote_id": "nobody's"}, "quote_revisable"),
    ],
)
def test_a_draft_that_makes_no_sense_is_blocked(
    world: World, oak: Customer, changes: dict[str, Any], check: str
) -> None:
    run = world.start("quote_draft", request(oak, **changes))

    assert run.status == "blocked"
    assert check in failed_checks(run)


@pytest.mark.parametrize("price", ["free", "", None, "1e400"])
def test_a_price_that_is_none_starts_no_run(world: World, oak: Customer, price: Any) -> None:
    with pytest.raises(READING_ERRORS):
        world.start("quote_draft", request(oak, prices=[{"item_code": "MILK", "case_price": price}]))

    assert not WorkflowRun.objects.exists()
    assert not ProposedAction.objects.exists()

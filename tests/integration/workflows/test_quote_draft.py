"""A quote drafted in a chat: approving the draft offers its prices and starts the quote, once."""

from decimal import Decimal
from typing import Any

import pytest

from approvals.canonical import parse
from approvals.models import ProposedAction
from tests.company import YEAR, customer, item
from tests.world import World, failed_checks, snapshot, status
from workflows_app import tasks
from workflows_app.delivery.numbers import document_number
from workflows_app.models import Customer, Event, PricingMaster, ProposedPricing, Quote, WorkflowRun
from workflows_app.runner.inputs import InputError
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


# --- whose prices are whose ------------------------------------------------------------------------------------------


def drafted(world: World, oak: Customer, price: str | None = None, **changes: Any) -> WorkflowRun:
    """The quote run that an approved draft started, waiting at its gate."""
    known = {run.pk for run in started()}
    prices = price and [{"item_code": "MILK", "case_price": price}]
    world.approve(world.leaf(world.start("quote_draft", request(oak, prices=prices, **changes)), "stage_draft"))
    [run] = [run for run in started() if run.pk not in known]
    return run


def test_a_rejected_price_is_not_the_price_of_the_next_quote(world: World, oak: Customer) -> None:
    world.decide(world.gate(drafted(world, oak, "9.99")), "reject")

    assert world.gate(drafted(world, oak)).amount == Decimal("20.00")


def test_the_price_just_given_is_the_one_that_counts(world: World, oak: Customer) -> None:
    for old in ("9.99", "8.88"):
        world.decide(world.gate(drafted(world, oak, old)), "reject")

    run = drafted(world, oak, "30.00")
    assert world.gate(run).amount == Decimal("30.00")
    world.approve(world.gate(run))

    assert Quote.objects.get().total == PricingMaster.objects.get().case_price == Decimal("30.00")
    assert ProposedPricing.objects.get(case_price="30.00").status == "promoted"
    assert world.gate(drafted(world, oak)).amount == Decimal("30.00")


def test_two_drafts_side_by_side_keep_their_own_prices(world: World, oak: Customer) -> None:
    first, second, plain = drafted(world, oak, "11.00"), drafted(world, oak, "12.00"), drafted(world, oak)

    assert [world.gate(run).amount for run in (first, second, plain)] == [
        Decimal("11.00"),
        Decimal("12.00"),
        Decimal("20.00"),
    ]


def test_a_new_quote_has_the_id_that_its_draft_announced(world: World, oak: Customer) -> None:
    run = drafted(world, oak, "17.75")
    announced = parse(run.inputs)["quote_id"]

    world.approve(world.gate(run))

    assert (Quote.objects.get().pk, Quote.objects.get().revision) == (announced, 1)
    assert ProposedPricing.objects.get().quote_id == announced
    assert document_number(announced).startswith("Q-")


def test_a_draft_takes_back_what_an_earlier_draft_of_the_same_quote_offered(world: World, oak: Customer) -> None:
    world.approve(world.gate(drafted(world, oak)))
    quote = Quote.objects.get().pk
    world.decide(world.gate(drafted(world, oak, "9.99", quote_id=quote)), "reject")

    again, third = drafted(world, oak, quote_id=quote), drafted(world, oak, "30.00", quote_id=quote)

    assert world.gate(again).amount == Decimal("20.00")
    assert world.gate(third).amount == Decimal("30.00")
    assert ProposedPricing.objects.get(case_price="9.99").status == "dropped"


def test_an_id_that_no_draft_announced_starts_no_quote(world: World, oak: Customer) -> None:
    elm = customer("Elm School")
    announced = parse(drafted(world, oak).inputs)["quote_id"]
    by_hand = {"item_codes": ["MILK"], "school_year": YEAR, "include_pdf": False}

    wrong = world.start("customer_quote", {**by_hand, "customer_id": oak.pk, "quote_id": "cs-est-typed-wrong"})
    foreign = world.start("customer_quote", {**by_hand, "customer_id": elm.pk, "quote_id": announced})

    assert [failed_checks(run) for run in (wrong, foreign)] == [["quote_revisable"]] * 2


def test_an_announced_id_needs_an_approved_draft(world: World, oak: Customer) -> None:
    draft = world.leaf(world.start("quote_draft", request(oak)), "stage_draft")
    by_hand = {"customer_id": oak.pk, "item_codes": ["MILK"], "school_year": YEAR, "include_pdf": False}

    run = world.start("customer_quote", {**by_hand, "quote_id": parse(draft.payload)["quote_id"]})

    assert failed_checks(run) == ["quote_revisable"]


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


@pytest.mark.parametrize("price", ["free", "", None, "1e400", "-4.00", "0", "12.345"])
def test_a_price_that_is_none_starts_no_run(world: World, oak: Customer, price: Any) -> None:
    with pytest.raises(InputError, match="prices: entry 1: case_price"):
        world.start("quote_draft", request(oak, prices=[{"item_code": "MILK", "case_price": price}]))

    assert not WorkflowRun.objects.exists()
    assert not ProposedAction.objects.exists()

"""A sixth and a seventh workflow, written as contracts alone: loaded and run from trigger to verify."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command

from approvals.canonical import parse
from approvals.models import ProposedAction
from tests import factories
from tests.company import customer, item
from tests.world import ROOT, World, ago, changed, snapshot, status, steps
from workflows_app.models import (
    Customer,
    Event,
    Quote,
    ReflexionLog,
    SpecItem,
    VerifyResult,
    WorkflowContract,
    WorkflowRun,
)
from workflows_app.runner.verify import run_due
from workflows_app.triggers import cron

GOOD = ROOT / "tests/contracts/good"
TODAY = datetime.now(UTC).date()
# A Monday, 07:30 in New York; only the schedule goes by it, everything else by the real clock.
MONDAY = datetime(2026, 9, 14, 11, 30, tzinfo=UTC)


@pytest.fixture
def empty_world(mike: User) -> World:
    """Mike, and no contract."""
    return World(mike=mike)


def only_run() -> WorkflowRun:
    return WorkflowRun.objects.get()


# --- item_discontinued, as DESIGN.md has it ---------------------------------------------------------------------------


@pytest.fixture
def discontinued(empty_world: World) -> World:
    """The contract is loaded; two customers bought MILK lately, one long ago, one has no address."""
    call_command("load_contracts", str(GOOD / "item_discontinued.v1.yaml"))
    item("MILK", description="Milk 2 %")
    item("RICE")
    for name, code, bought, changes in [
        ("Oak School", "MILK", 30, {}),
        ("Élan Café", "MILK", 300, {}),
        ("Elm School", "MILK", 400, {}),
        ("Ash School", "RICE", 30, {}),
        ("Fir School", "MILK", 30, {"email": None}),
    ]:
        buyer = customer(name, **changes)
        since = TODAY - timedelta(days=bought)
        factories.PricingMasterFactory(customer_id=buyer.pk, item_code=code, effective_from=since)
    return empty_world


def announce(code: str) -> None:
    """The vendor discontinues an item."""
    call_command("emit_event", "vendor.item_discontinued", payload=json.dumps({"item_code": code}), key="v-1")


def test_a_discontinued_item_goes_the_whole_way(discontinued: World) -> None:
    announce("MILK")
    run = only_run()
    discontinued.work()
    assert status(run) == "awaiting_approval"
    assert discontinued.gate(run).title == "Discontinue MILK for 3 customers"

    discontinued.approve(discontinued.gate(run))
    run_due(ago(minutes=-10))

    oak, cafe, fir = (Customer.objects.get(companyname=name).pk for name in ("Oak School", "Élan Café", "Fir School"))
    assert status(run) == "completed"
    assert SpecItem.objects.get(pk="MILK").active is False
    assert steps(run) == {
        "mark_item": "done",
        f"tell_buyers {oak}": "done",
        f"tell_buyers {cafe}": "done",
        f"tell_buyers {fir}": "skipped",
        "ask_purchasing": "done",
    }
    assert set(VerifyResult.objects.values_list("name", "status")) == {
        ("item_inactive", "pass"),
        ("sheet_gone", "pass"),
    }
    assert ReflexionLog.objects.get(run=run).tags == "item_discontinued,discontinued,item:MILK"


def test_its_letters_leave_after_their_own_decisions(discontinued: World) -> None:
    announce("MILK")
    discontinued.work()
    discontinued.approve(discontinued.gate(only_run()))

    for letter in ProposedAction.objects.filter(step="tell_buyers"):
        discontinued.approve(letter)
    discontinued.deliver()

    to = set(Customer.objects.filter(companyname__in=["Oak School", "Élan Café"]).values_list("email", flat=True))
    assert {message.to[0] for message in mail.outbox} == to
    assert all("Milk 2 %" in message.body for message in mail.outbox)


def test_an_item_that_nobody_knows_blocks(discontinued: World) -> None:
    announce("GHOST")
    discontinued.work()

    assert status(only_run()) == "blocked"


# --- stale_quotes: a cron, a loop, a proposal inside a proposal -------------------------------------------------------


@pytest.fixture
def monday(empty_world: World) -> World:
    """The contract is loaded; one large and one small quote ran out, one still holds, one was accepted."""
    call_command("load_contracts", str(GOOD / "stale_quotes.v1.yaml"))
    WorkflowContract.objects.update(activated_at=MONDAY - timedelta(days=3))
    oak = customer("Oak School")
    past, future = TODAY - timedelta(days=1), TODAY + timedelta(days=30)
    for name, total, until, state in [
        ("large", "1000.00", past, "sent"),
        ("small", "999.99", past, "sent"),
        ("fresh", "5000.00", future, "sent"),
        ("taken", "5000.00", past, "accepted"),
    ]:
        values = {"total": Decimal(total), "valid_until": until, "lifecycle_status": state}
        factories.QuoteFactory(id=name, customer_id=oak.pk, **values)
    return empty_world


def due(world: World) -> WorkflowRun:
    """Monday morning comes, and a worker."""
    assert cron.start_due(MONDAY) == 1
    world.work()
    return only_run()


def states() -> dict[str, str]:
    return dict(Quote.objects.values_list("pk", "lifecycle_status"))


def test_stale_quotes_go_the_whole_way(monday: World) -> None:
    run = due(monday)
    assert monday.gate(run).title == "2 quotes ran out"
    assert monday.gate(run).amount == Decimal("1999.99")

    monday.approve(monday.gate(run))
    run_due(ago(minutes=-2))

    assert status(run) == "completed"
    assert states() == {"large": "expired", "small": "expired", "fresh": "sent", "taken": "accepted"}
    assert steps(run) == {
        "expire large": "done",
        "expire small": "done",
        "ask_for_a_call large": "done",
        "ask_for_a_call small": "skipped",
    }
    assert VerifyResult.objects.get().status == "pass"


def test_a_proposal_inside_a_proposal_takes_three_decisions_to_a_letter(monday: World) -> None:
    run = due(monday)
    monday.approve(monday.gate(run))
    assert not ProposedAction.objects.filter(action_type="stale_quote_note").exists()

    monday.approve(ProposedAction.objects.get(action_type="stale_quote_call"))
    monday.deliver()
    assert mail.outbox == []
    monday.approve(ProposedAction.objects.get(action_type="stale_quote_note"))
    monday.deliver()

    event = Event.objects.get(event_type="quote.call_wanted")
    assert [message.to for message in mail.outbox] == [["asa@example.org"]]
    assert parse(event.payload) == {"quote_id": "large"}
    assert parse(event.causes) == ["stale_quotes"]


def test_an_item_of_a_loop_that_vanished_is_dropped_and_the_rest_applied(monday: World) -> None:
    run = due(monday)
    Quote.objects.filter(pk="large").update(lifecycle_status="accepted")

    monday.approve(monday.gate(run))

    assert status(run) == "completed"
    assert states()["large"] == "accepted"
    assert steps(run) == {
        "expire large": "dropped",
        "expire small": "done",
        "ask_for_a_call large": "dropped",
        "ask_for_a_call small": "skipped",
    }


def test_an_item_that_appeared_waits_for_the_next_run(monday: World) -> None:
    run = due(monday)
    Quote.objects.filter(pk="fresh").update(valid_until=TODAY - timedelta(days=1))

    monday.approve(monday.gate(run))

    assert status(run) == "completed"
    assert states()["fresh"] == "sent"
    assert not run.steps.filter(step="expire", item="fresh").exists()


def test_a_monday_without_stale_quotes_ends_at_once(monday: World) -> None:
    Quote.objects.update(lifecycle_status="accepted")
    before = snapshot()

    assert status(due(monday)) == "blocked"
    assert changed(before) == {}

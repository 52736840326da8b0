"""Events that are malformed, or that claim what did not happen: set aside with an alert, and nobody waits for them."""

from collections.abc import Callable
from typing import Any

import pytest

from approvals.canonical import canonical
from approvals.clock import database_now
from approvals.models import Decision, ProposedAction
from tests.company import customer, item
from tests.integration.triggers.small import mend, on_approval, on_event, runs, spoil
from tests.world import World, release_text
from workflows_app.effects.events import record_event
from workflows_app.models import Alert, Event, WorkflowContract
from workflows_app.triggers import events
from workflows_app.triggers.tick import tick

pytestmark = pytest.mark.django_db
DRAFT = {"customer_id": "1001", "item_codes": ["DRY-1003"], "school_year": "2026-27"}


def planted(payload: Any, *, key: str = "k", event_type: str = "proposed_action.approved") -> Event:
    """An event that is in the ledger, however it came there."""
    return Event.objects.get(pk=record_event(event_type, key, payload, now=database_now()))


def approved_draft(world: World) -> ProposedAction:
    """A quote draft that mike approved; no worker has seen the event."""
    who = customer()
    item("MILK")
    run = world.start("quote_draft", {"customer_id": who.pk, "item_codes": ["MILK"], "school_year": "2026-27"})
    proposal = ProposedAction.objects.get(run_id=run.pk, action_type="quote_draft")
    assert world.decide(proposal).outcome == "approved"
    proposal.refresh_from_db()
    return proposal


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"action_type": "quote_draft"},
        {"action_type": "quote_draft", "payload": [1]},
        {"action_type": "quote_draft", "payload": DRAFT},
        {"action_type": "quote_draft", "payload": DRAFT, "proposal_id": "prp-nobody"},
        {"action_type": "quote_draft", "payload": DRAFT, "proposal_id": ["x"]},
        [],
        "quote_draft",
        None,
    ],
)
def test_an_approval_that_nobody_gave_starts_nothing_and_alerts_once(payload: Any) -> None:
    on_approval("quote_draft")
    on_event("proposed_action.approved", name="listener")
    event = planted(payload)

    assert [events.dispatch(), events.dispatch()] == [0, 0]

    alert = Alert.objects.get()
    event.refresh_from_db()
    assert runs() == []
    assert event.dispatched_at is not None
    assert (alert.kind, alert.count) == ("bad_event", 1)
    assert "no approval wrote this event" in alert.message


@pytest.mark.parametrize("payload", [[1], "text", 7, None])
def test_a_payload_without_names_leaves_a_failed_run(payload: Any) -> None:
    on_event("vendor.late")
    planted(payload, event_type="vendor.late")

    events.dispatch()

    [run] = runs()
    assert run.status == "failed"
    assert "takes an object with named values" in run.error


def test_a_malformed_event_keeps_no_later_one_and_no_tick_from_going_on() -> None:
    on_approval("quote_draft")
    on_event("vendor.late")
    planted({})
    events.emit("vendor.late", "k2", {"count": 1})

    found = tick(database_now())

    assert found["started_by_events"] == 1
    assert [run.workflow_type for run in runs()] == ["listener"]


def test_an_event_whose_causes_cannot_be_read_is_set_aside() -> None:
    on_event("vendor.late")
    bad = planted({}, event_type="vendor.late")
    Event.objects.filter(pk=bad.pk).update(causes="{")
    planted({}, key="good", event_type="vendor.late")

    assert events.dispatch() == 1
    assert "JSON" in Alert.objects.get(kind="bad_event").message


# --- approvals are looked up ------------------------------------------------------------------------------------------


def started(world: World, proposal: ProposedAction) -> list[Any]:
    """What dispatching the events starts of what listens to `quote_draft`."""
    events.dispatch()
    return runs("customer_quote")


def test_a_true_approval_starts_the_run_with_the_payload_of_the_proposal(world: World) -> None:
    proposal = approved_draft(world)
    told = Event.objects.filter(event_type="proposed_action.approved")
    told.update(payload=canonical({"proposal_id": proposal.pk, "action_type": "other", "payload": DRAFT}))

    [run] = started(world, proposal)

    assert run.trigger_kind == "hitl_approval"
    assert "MILK" in run.inputs
    assert "DRY-1003" not in run.inputs


def _pending(proposal: ProposedAction) -> None:
    ProposedAction.objects.filter(pk=proposal.pk).update(status="pending")


def _closed(proposal: ProposedAction) -> None:
    ProposedAction.objects.filter(pk=proposal.pk).update(status="closed")


def _undecided(proposal: ProposedAction) -> None:
    Decision.objects.filter(proposal=proposal).update(verdict="edit")


def _other_effects(proposal: ProposedAction) -> None:
    ProposedAction.objects.filter(pk=proposal.pk).update(effects=proposal.effects.replace("MILK", "BEER"))


def _other_payload(proposal: ProposedAction) -> None:
    ProposedAction.objects.filter(pk=proposal.pk).update(payload=proposal.payload.replace("MILK", "BEER"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_pending, "is pending, not approved"),
        (_closed, "is closed, not approved"),
        (_undecided, "nobody approved it"),
        (_other_effects, "what was approved has been changed since"),
        (_other_payload, "card does not say what was approved"),
    ],
)
def test_an_approval_counts_only_while_the_tables_say_so(
    world: World, change: Callable[[ProposedAction], None], why: str
) -> None:
    proposal = approved_draft(world)
    change(proposal)

    assert started(world, proposal) == []
    assert why in Alert.objects.get(kind="bad_event").message


@pytest.mark.parametrize(("event_type", "key"), [("proposed_action.approved", "k"), ("x", "proposal:1:approved")])
def test_nobody_outside_says_what_was_approved(event_type: str, key: str) -> None:
    with pytest.raises(events.ReservedEventError):
        events.emit(event_type, key, {})

    assert not Event.objects.exists()


def test_an_event_of_a_contract_cannot_take_the_key_of_an_approval(world: World) -> None:
    text = """\
workflow_type: thief
contract_version: 1
title: Thief
risk_level: 1
description: Writes down a key that belongs to somebody else.
trigger: {kind: manual}
inputs: [{name: run_id, type: string, required: true}]
fan_out:
  - name: steal
    kind: d1_write
    operations:
      - event: {type: thief.done, key: "${{ inputs.run_id }}"}
retry: {max_attempts: 1}
"""
    release_text(text)

    run = world.start("thief", {"run_id": "proposal:1:approved"})

    assert run.status == "failed"
    assert "belongs to decisions" in run.steps.get().error
    assert not Event.objects.filter(event_type="thief.done").exists()


# --- contracts that do not load ---------------------------------------------------------------------------------------


def test_a_contract_that_does_not_load_keeps_no_other_from_starting() -> None:
    spoil(on_event("vendor.late", name="broken"))
    on_event("vendor.late", name="sound")
    events.emit("vendor.late", "k", {})

    assert [events.dispatch(), events.dispatch()] == [1, 0]

    assert [run.workflow_type for run in runs()] == ["sound"]
    assert "broken v1 does not load" in Alert.objects.get(kind="contract").message


def test_an_event_waits_for_a_contract_that_does_not_load() -> None:
    row = on_event("vendor.late", name="broken")
    spoil(row)
    events.emit("vendor.late", "k", {})
    events.dispatch()
    mend(row)

    assert [events.dispatch(), events.dispatch()] == [1, 0]
    assert Event.objects.get(event_type="vendor.late").dispatched_at is not None


def test_nothing_waits_for_a_broken_contract_that_is_paused() -> None:
    row = on_event("vendor.late", name="broken")
    spoil(row)
    WorkflowContract.objects.filter(pk=row.pk).update(paused=True)
    events.emit("vendor.late", "k", {})

    assert events.dispatch() == 0
    assert Event.objects.get().dispatched_at is not None
    assert not Alert.objects.exists()

"""A run whose contract does not load any more can still be ended: nobody needs the contract to say no."""

from datetime import timedelta

import pytest
from django.db.models import F

from approvals import services
from approvals.clock import database_now
from approvals.models import ProposedAction
from tests.integration.runner.interventions import do, draft_and_wait
from tests.integration.triggers.small import spoil
from tests.world import World, status
from workflows_app.models import Event, ReflexionLog, RunLog, VerifyResult, WorkflowRun
from workflows_app.triggers.tick import tick

FORM = {"company_name": "Lakeside Schools", "contact_email": "a@example.org", "billing_address": "1 Lake Rd"}


@pytest.fixture
def run(world: World) -> WorkflowRun:
    """A run that waits at its gate, and whose contract has stopped to load."""
    found = world.start("new_customer", FORM)
    spoil(found.contract)
    return found


def ended(run: WorkflowRun) -> tuple[str, str, list[str], int]:
    """How a run ended: its status, that of its log, its events, and how much was made with the contract's help."""
    log = RunLog.objects.get(run=run)
    events = Event.objects.filter(run_id=run.pk, event_type__startswith="workflow.")
    extra = ReflexionLog.objects.filter(run=run).count() + VerifyResult.objects.filter(run=run).count()
    return status(run), log.status, [event.event_type for event in events], extra


@pytest.mark.usefixtures("nothing_due")
def test_its_gate_expires_and_the_scheduler_has_no_trouble(world: World, run: WorkflowRun) -> None:
    days = timedelta(days=9)
    ProposedAction.objects.update(
        proposed_at=F("proposed_at") - days,
        window_ends_at=F("window_ends_at") - days,
        expires_at=F("expires_at") - days,
    )

    assert tick(database_now())["expired"] == 1

    assert ended(run) == ("expired", "expired", ["workflow.failed"], 0)


def test_its_gate_can_be_rejected(world: World, run: WorkflowRun) -> None:
    gate = world.gate(run)

    result = services.decide(
        gate.pk, "reject", user=world.mike, channel="test", digest=gate.digest, reason="No use any more."
    )

    assert result.outcome == "rejected"
    assert ended(run) == ("rejected", "rejected", ["workflow.failed"], 0)


def test_its_gate_cannot_be_approved_or_edited(world: World, run: WorkflowRun) -> None:
    gate = world.gate(run)
    letter = {"item": "welcome_email", "field": "subject", "value": "Hello"}

    approval = world.decide(gate)
    edit = services.edit(gate.pk, [letter], user=world.mike, channel="test", digest=gate.digest)

    assert [(answer.outcome, "does not load" in answer.message) for answer in (approval, edit)] == [
        ("refused", True)
    ] * 2
    assert status(run) == "awaiting_approval"


def test_it_can_be_cancelled_at_its_gate(world: World, run: WorkflowRun) -> None:
    answer = do(run, "cancel", by=world.mike)

    assert answer.done, answer.message
    assert ended(run) == ("cancelled", "cancelled", ["workflow.failed"], 0)
    assert world.gate(run).status == "closed"


def test_it_can_be_cancelled_on_its_way_and_not_be_skipped(world: World) -> None:
    run = draft_and_wait(world)
    spoil(run.contract)

    refused = do(run, "skip", by=world.mike, step="write_ns")
    answer = do(run, "cancel", by=world.mike)

    assert (refused.done, refused.message) == (False, "The contract of this run does not load any more.")
    assert answer.done, answer.message
    assert ended(run) == ("cancelled", "cancelled", ["workflow.failed"], 0)

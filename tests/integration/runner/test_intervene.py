"""Try again now, skip, cancel: each is a decision of its own, by a person who may decide, and never loses a race."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import InterfaceError, OperationalError
from django_q.models import OrmQ

from approvals import chain, hooks
from approvals.clock import database_now
from approvals.models import Decision, ProposedAction
from approvals.principals import Principal
from tests import endpoints
from tests.integration.runner.dying import Killed, kill
from tests.integration.runner.interventions import attempt, decided, do, draft_and_wait, person, quote, step
from tests.world import World, changed, snapshot, status, steps
from workflows_app.effects.data import HttpRequest
from workflows_app.models import (
    Event,
    OutboundEmail,
    PendingPush,
    Quote,
    ReflexionLog,
    RunHistory,
    RunLog,
    VerifyResult,
    WorkflowRun,
)
from workflows_app.runner import call, claim
from workflows_app.runner.advance import advance
from workflows_app.runner.hold import set_hold

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def waiting(world: World) -> WorkflowRun:
    """A quote that waits at its gate."""
    return quote(world)


@pytest.fixture
def run(world: World, waiting: WorkflowRun, site: endpoints.Site) -> WorkflowRun:
    """An approved quote whose PDF waits for its second attempt, far away."""
    world.decide(world.gate(waiting))
    site.answers = [503]
    attempt(waiting, database_now() + timedelta(hours=1))
    assert waiting.status == "retrying"
    return waiting


@pytest.mark.parametrize(
    "trouble", [OperationalError("deadlock detected"), InterfaceError("connection already closed")]
)
def test_trouble_that_passes_is_said_and_nothing_is_kept(
    world: World, run: WorkflowRun, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def troubled(*_args: object) -> None:
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr(hooks.current(), "decided", troubled, raising=False)
        answer = do(run, "retry", by=world.mike, step="render_pdf")

    assert (answer.done, answer.message) == (False, hooks.BUSY)
    assert decided(run) == []
    assert do(run, "retry", by=world.mike, step="render_pdf").done


# --- retry now --------------------------------------------------------------------------------------------------------


def test_a_step_that_waits_is_tried_at_once(world: World, run: WorkflowRun) -> None:
    assert world.work() == 0

    answer = do(run, "retry", by=world.mike, step="render_pdf")
    world.work()

    assert answer.done, answer.message
    assert status(run) == "completed"
    assert step(run, "render_pdf").attempts == 2


def test_without_a_step_all_that_waits_is_tried(world: World, run: WorkflowRun) -> None:
    assert do(run, "retry", by=world.mike).done

    world.work()

    assert status(run) == "completed"


def test_a_page_from_before_somebody_came_by_tries_nothing(world: World, run: WorkflowRun) -> None:
    shown = run.fence
    do(run, "retry", by=world.mike, seen=shown)

    again = do(run, "retry", by=world.mike, seen=shown)

    assert not again.done
    assert len(decided(run)) == 1


def test_a_run_whose_pass_broke_off_is_tried_at_once(world: World, waiting: WorkflowRun) -> None:
    world.decide(world.gate(waiting))
    later = database_now() + timedelta(hours=1)
    for _ in range(2):
        WorkflowRun.objects.filter(pk=waiting.pk).update(wake_at=later)
        assert do(waiting, "retry", by=world.mike).done

    world.work()

    assert status(waiting) == "completed"
    assert len(decided(waiting)) == 2


def test_trying_again_rings_for_a_worker(world: World, run: WorkflowRun) -> None:
    before = OrmQ.objects.count()

    do(run, "retry", by=world.mike)

    assert OrmQ.objects.count() > before


def test_a_second_click_asks_for_nothing_more(world: World, run: WorkflowRun) -> None:
    do(run, "retry", by=world.mike, step="render_pdf", seen=1)

    again = do(run, "retry", by=world.mike, step="render_pdf", seen=1)

    assert not again.done
    assert "already" in again.message
    assert len(decided(run)) == 1


def test_a_page_from_before_the_last_attempt_does_nothing(world: World, run: WorkflowRun, site: endpoints.Site) -> None:
    site.answers = [503]
    do(run, "retry", by=world.mike, step="render_pdf")
    attempt(run)
    wake = step(run, "render_pdf").next_attempt_at

    late = do(run, "skip", by=world.mike, step="render_pdf", seen=1)

    assert not late.done
    assert "tried again since" in late.message
    assert step(run, "render_pdf").next_attempt_at == wake


def test_each_further_attempt_can_be_hurried_too(world: World, run: WorkflowRun, site: endpoints.Site) -> None:
    site.answers = [503]
    do(run, "retry", by=world.mike, step="render_pdf")
    attempt(run)

    assert do(run, "retry", by=world.mike, step="render_pdf").done
    attempt(run)

    assert status(run) == "completed"
    assert len(decided(run)) == 2


def test_what_is_done_is_not_tried_again(world: World, run: WorkflowRun) -> None:
    answer = do(run, "retry", by=world.mike, step="write_quote")

    assert not answer.done
    assert "write_quote is done" in answer.message


def test_a_hold_keeps_what_is_hurried_waiting(world: World, run: WorkflowRun) -> None:
    set_hold(True, Principal.machine("test"))
    do(run, "retry", by=world.mike)
    world.work()
    assert status(run) == "held"

    refused = do(run, "retry", by=world.mike)
    set_hold(False, Principal.machine("test"))
    world.work()

    assert "on hold" in refused.message
    assert status(run) == "completed"


# --- skip -------------------------------------------------------------------------------------------------------------


def test_a_skipped_step_lets_the_run_end(world: World, run: WorkflowRun) -> None:
    answer = do(run, "skip", by=world.mike, step="render_pdf", reason="sent by hand")
    world.work()

    assert answer.done, answer.message
    assert status(run) == "partial"
    assert steps(run) == {
        "write_quote": "done",
        "render_pdf": "skipped",
        "send_email": "not_reached",
        "ns_push": "done",
        "ar_forecast_touch": "done",
    }
    assert step(run, "render_pdf").error == "skipped by person:mike: sent by hand"
    assert "send_email" in WorkflowRun.objects.get(pk=run.pk).error


def test_a_run_without_anything_unreached_is_completed(world: World, run: WorkflowRun) -> None:
    do(run, "skip", by=world.mike, step="send_email", reason="they have it")
    do(run, "retry", by=world.mike, step="render_pdf")

    world.work()

    assert status(run) == "completed"
    assert steps(run)["send_email"] == "skipped"
    assert not ProposedAction.objects.filter(run_id=run.pk, step="send_email").exists()


def test_skipping_needs_a_reason_and_a_step(world: World, run: WorkflowRun) -> None:
    assert "needs a reason" in do(run, "skip", by=world.mike, step="render_pdf", reason="  ").message
    assert "which step" in do(run, "skip", by=world.mike).message
    assert decided(run) == []


@pytest.mark.parametrize("name", ["write_quote", "nothing"])
def test_only_what_is_still_to_do_is_skipped(world: World, run: WorkflowRun, name: str) -> None:
    assert not do(run, "skip", by=world.mike, step=name).done

    assert decided(run) == []
    assert steps(run)["write_quote"] == "done"


def test_a_skip_during_a_hold_counts_when_it_is_lifted(world: World, run: WorkflowRun) -> None:
    set_hold(True, Principal.machine("test"))
    attempt(run)
    assert run.status == "held"

    assert do(run, "skip", by=world.mike, step="render_pdf").done
    assert status(run) == "held"
    set_hold(False, Principal.machine("test"))
    world.work()

    assert status(run) == "partial"


# --- cancel -----------------------------------------------------------------------------------------------------------


def test_a_run_cancelled_at_its_gate_has_done_nothing(world: World, waiting: WorkflowRun) -> None:
    before = snapshot()

    answer = do(waiting, "cancel", by=world.mike, reason="wrong customer")
    world.work()

    assert answer.message == "Cancelled. Nothing of it was done."
    assert changed(before) == {}
    gate = world.gate(waiting)
    assert (status(waiting), waiting.phase, gate.status) == ("cancelled", "done", "closed")
    assert gate.closed_reason == "its run was cancelled by person:mike: wrong customer"
    assert world.decide(gate).outcome == "refused"


def test_a_cancelled_run_does_not_end_silently(world: World, waiting: WorkflowRun) -> None:
    do(waiting, "cancel", by=world.mike, reason="wrong customer")

    assert RunLog.objects.get(run=waiting).status == "cancelled"
    assert "wrong customer" in ReflexionLog.objects.get(run=waiting).narrative
    assert Event.objects.filter(run_id=waiting.pk, event_type="workflow.failed").count() == 1
    assert not VerifyResult.objects.exists()


def test_an_approved_run_that_has_not_begun_does_nothing_more(world: World, waiting: WorkflowRun) -> None:
    world.decide(world.gate(waiting))
    before = snapshot()

    do(waiting, "cancel", by=world.mike)
    world.work()

    assert changed(before) == {}
    assert (status(waiting), world.gate(waiting).status) == ("cancelled", "closed")


def test_what_was_done_stays_and_is_said(world: World, run: WorkflowRun) -> None:
    answer = do(run, "cancel", by=world.mike)
    world.work()

    assert answer.message == (
        "Cancelled. 3 steps done before stay done. Approved, and still to leave: 1 push, 0 letters."
    )
    assert (status(run), steps(run)["render_pdf"], steps(run)["send_email"]) == (
        "cancelled",
        "not_reached",
        "not_reached",
    )
    assert (world.gate(run).status, world.gate(run).outcome) == ("approved", "applied")
    assert Quote.objects.count() == PendingPush.objects.count() == 1


def test_drafts_that_nobody_decided_are_closed_with_the_run(world: World) -> None:
    run = draft_and_wait(world)

    do(run, "cancel", by=world.mike, reason="they called off")

    draft = world.leaf(run, "welcome_email")
    assert (draft.status, draft.closed_reason) == ("closed", "its run was cancelled by person:mike: they called off")
    assert not OutboundEmail.objects.exists()


def test_a_draft_that_was_approved_stays_approved(world: World) -> None:
    run = draft_and_wait(world)
    world.decide(world.leaf(run, "welcome_email"))

    answer = do(run, "cancel", by=world.mike)

    assert world.leaf(run, "welcome_email").status == "approved"
    assert "1 letter" in answer.message


def test_a_held_run_can_be_cancelled(world: World, run: WorkflowRun) -> None:
    set_hold(True, Principal.machine("test"))
    attempt(run)

    assert do(run, "cancel", by=world.mike).done
    set_hold(False, Principal.machine("test"))
    world.work()

    assert status(run) == "cancelled"


def test_a_call_whose_worker_died_is_not_called_undone(world: World, waiting: WorkflowRun) -> None:
    world.decide(world.gate(waiting))
    _die_in_the_call(waiting)
    WorkflowRun.objects.update(lease_until=database_now() - timedelta(seconds=1))

    assert do(waiting, "cancel", by=world.mike).done

    lost = step(waiting, "render_pdf")
    assert lost.status == "failed"
    assert "its worker died in the middle of it" in lost.error


def _die_in_the_call(run: WorkflowRun) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workflows_app.runner.call.make", kill)
        with pytest.raises(Killed):
            advance(run.pk)


@pytest.mark.parametrize("what", ["retry", "skip", "cancel"])
def test_what_has_ended_stays_as_it_is(world: World, waiting: WorkflowRun, what: str) -> None:
    do(waiting, "cancel", by=world.mike)
    before = RunHistory.objects.count()

    answer = do(waiting, what, by=world.mike, step="render_pdf")

    assert not answer.done
    assert "cancelled" in answer.message
    assert RunHistory.objects.count() == before


@pytest.mark.parametrize("what", ["retry", "skip"])
def test_nothing_is_hurried_or_skipped_before_the_gate(world: World, waiting: WorkflowRun, what: str) -> None:
    assert "waits for a decision" in do(waiting, what, by=world.mike, step="render_pdf").message


# --- who, and what is recorded ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["retry", "skip", "cancel"])
@pytest.mark.parametrize("group", ["Viewers", "Sales", "Machines"])
def test_only_approvers_intervene(world: World, run: WorkflowRun, what: str, group: str) -> None:
    somebody = person("somebody", group)

    answer = do(run, what, by=somebody, step="render_pdf")

    assert not answer.done
    assert status(run) == "retrying"
    assert decided(run) == []
    assert not ProposedAction.objects.filter(action_type="run_intervention").exists()


def test_a_machine_does_not_intervene_though_it_is_an_approver(world: World, run: WorkflowRun) -> None:
    machine = person("token", "Machines")
    machine.groups.add(Group.objects.get(name="Approvers"))

    assert "machine" in do(run, "cancel", by=machine).message
    assert status(run) == "retrying"


def test_each_is_a_decision_of_its_own_in_the_chain(world: World, run: WorkflowRun) -> None:
    before = Decision.objects.count()

    do(run, "skip", by=world.mike, step="send_email", reason="they have it")
    do(run, "cancel", by=world.mike, reason="all off")

    skip, cancel = decided(run)
    assert Decision.objects.count() == before + 2
    assert (skip.principal, skip.verdict, skip.reason) == ("person:mike", "approve", "they have it")
    assert cancel.proposal.title == f"Cancel: {run.contract.title}"
    assert chain.verify() == []


def test_a_changed_record_of_an_intervention_shows(world: World, run: WorkflowRun) -> None:
    do(run, "cancel", by=world.mike, reason="all off")
    record = decided(run)[0].proposal

    ProposedAction.objects.filter(pk=record.pk).update(effects=record.effects.replace("all off", "done in error"))

    assert chain.verify() != []


def test_an_intervention_is_no_gate_and_no_leaf(world: World, run: WorkflowRun) -> None:
    do(run, "skip", by=world.mike, step="render_pdf")
    before = snapshot()

    world.work()

    assert world.gate(run).action_type == "workflow_customer_quote"
    assert decided(run)[0].proposal.outcome == "applied"
    assert changed(before) == {}


def test_the_history_says_who_did_what(world: World, run: WorkflowRun) -> None:
    do(run, "retry", by=world.mike, step="render_pdf")

    assert run.history.latest("id").reason == "person:mike tries render_pdf again now"


# --- while a worker has the run ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["retry", "skip", "cancel"])
def test_a_run_in_the_hands_of_a_worker_is_left_alone(world: World, run: WorkflowRun, what: str) -> None:
    claim.claim(run.pk, run.wake_at)
    WorkflowRun.objects.update(lease_until=database_now() + timedelta(minutes=2))

    answer = do(run, what, by=world.mike, step="render_pdf")

    assert "worker has this run" in answer.message
    assert decided(run) == []
    assert step(run, "render_pdf").status == "retrying"


def test_a_worker_whose_lease_ran_out_writes_nothing_after_a_cancel(
    world: World, waiting: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.decide(world.gate(waiting))
    original = call.make

    def slow(request: HttpRequest) -> object:
        WorkflowRun.objects.update(lease_until=database_now() - timedelta(seconds=1))
        assert do(waiting, "cancel", by=world.mike).done
        return original(request)

    monkeypatch.setattr("workflows_app.runner.call.make", slow)
    advance(waiting.pk)

    assert status(waiting) == "cancelled"
    assert steps(waiting)["send_email"] == "not_reached"
    assert step(waiting, "render_pdf").output == "{}"

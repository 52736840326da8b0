"""A worker that dies: everything up to its last commit stands, the next worker does the rest, once."""

from datetime import timedelta
from typing import Any

import pytest

from approvals.clock import database_now
from tests import endpoints
from tests.company import customer, item, quote_request
from tests.integration.runner.dying import Killed, dying_worker, kill
from tests.world import World, changed, release_text, snapshot, status, steps
from workflows_app.delivery import artifacts
from workflows_app.effects.data import HttpRequest
from workflows_app.models import (
    Alert,
    Customer,
    Event,
    PendingPush,
    Quote,
    QuoteLine,
    ReflexionLog,
    RunLog,
    WorkflowContract,
    WorkflowRun,
    WorkflowStep,
)
from workflows_app.runner import advance as runner
from workflows_app.runner import call, claim, post
from workflows_app.runner.fan_out import FanOut
from workflows_app.runner.release import contract_for
from workflows_app.runner.transitions import StaleRunError
from workflows_app.triggers.tick import tick

LATER = timedelta(minutes=3)


pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer, and an item."""
    item("MILK")
    return customer("Oak School")


def approved(world: World, oak: Customer, **changes: Any) -> WorkflowRun:
    """An approved quote, not worked on yet."""
    run = world.start("customer_quote", quote_request(oak, "MILK", **changes))
    assert world.decide(world.gate(run)).outcome == "approved"
    return run


def die(run: WorkflowRun) -> None:
    """A worker takes the run and does not survive it."""
    with pytest.raises(Killed):
        runner.advance(run.pk)


def assert_done_once(run: WorkflowRun) -> None:
    assert status(run) == "completed"
    assert Quote.objects.count() == QuoteLine.objects.count() == PendingPush.objects.count() == 1
    ends = Event.objects.filter(run_id=run.pk, event_type__startswith="workflow.")
    assert RunLog.objects.filter(run=run).count() == ends.count() == 1


@pytest.mark.parametrize("kind", ["netsuite.push", "row.update", "proposal.stage"])
def test_a_crash_in_the_middle_of_the_steps_undoes_them_all(world: World, oak: Customer, kind: str) -> None:
    run, before = approved(world, oak), snapshot()
    with dying_worker(kind):
        die(run)

    assert changed(before) == {}
    assert (status(run), run.steps.count()) == ("running", 0)
    world.work(now=database_now() + LATER)
    assert_done_once(run)


@pytest.mark.parametrize(("module", "name"), [(post, "conclude"), (claim, "claimed"), (post, "_record_end")])
def test_a_crash_after_the_steps_undoes_them_too(
    world: World, oak: Customer, module: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, before = approved(world, oak), snapshot()
    with monkeypatch.context() as patch:
        patch.setattr(module, name, kill)
        die(run)

    assert changed(before) == {}
    world.work(now=database_now() + LATER)
    assert_done_once(run)


def test_a_worker_that_dies_leaves_its_lease_behind(world: World, oak: Customer) -> None:
    run = approved(world, oak)
    with dying_worker("netsuite.push"):
        die(run)

    assert world.work() == 0

    run.refresh_from_db()
    assert run.lease_owner
    assert run.crashes == 0


def test_a_crash_during_a_call_leaves_its_attempt_on_record(
    world: World, oak: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _killed_in_call(world, oak, monkeypatch)

    attempt = WorkflowStep.objects.get(run=run, step="render_pdf")
    assert (attempt.status, attempt.attempts) == ("running", 1)
    assert steps(run)["write_quote"] == "done"
    assert run.lease_until is not None


def test_nobody_takes_the_run_over_while_its_lease_lasts(
    world: World, oak: Customer, monkeypatch: pytest.MonkeyPatch, site: endpoints.Site
) -> None:
    run = _killed_in_call(world, oak, monkeypatch)

    assert world.work(now=database_now() + timedelta(minutes=1)) == 0
    assert status(run) == "running"
    assert site.keys == []


def test_the_next_worker_finishes_what_a_crash_left(
    world: World, oak: Customer, monkeypatch: pytest.MonkeyPatch, site: endpoints.Site
) -> None:
    run = _killed_in_call(world, oak, monkeypatch)

    WorkflowContract.objects.update(activated_at=database_now() + LATER)  # no schedule is due

    assert tick(database_now() + LATER)["woken"] == 1
    world.work(now=database_now() + LATER)

    assert_done_once(run)
    assert len(site.keys) == 1
    assert artifacts.read(f"quotes/{Quote.objects.get().pk}.pdf") == endpoints.PDF


def test_a_crash_after_the_call_makes_it_again_with_the_same_key(
    world: World, oak: Customer, monkeypatch: pytest.MonkeyPatch, site: endpoints.Site
) -> None:
    run = approved(world, oak, include_pdf=True)
    with monkeypatch.context() as patch:
        patch.setattr(FanOut, "absorb", kill)
        die(run)

    world.work(now=database_now() + LATER)

    assert_done_once(run)
    assert len(site.keys) == 2
    assert len(set(site.keys)) == 1


def test_a_worker_that_lost_its_run_writes_nothing_more(world: World, oak: Customer) -> None:
    run, now = approved(world, oak), database_now()
    first = claim.claim(run.pk, now)
    assert first is not None
    slow = claim.claimed(run.pk, first)
    assert claim.claim(run.pk, now + timedelta(minutes=1)) is None

    fast = claim.claim(run.pk, now + LATER)

    with pytest.raises(StaleRunError):
        claim.renew(slow, now + LATER)
    with pytest.raises(StaleRunError):
        claim.claimed(run.pk, first)
    claim.release(slow)
    assert WorkflowRun.objects.get(pk=run.pk).lease_owner == fast


def test_a_run_that_ended_during_its_call_is_not_worked_on(
    world: World, oak: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = approved(world, oak, include_pdf=True)

    def cancelled_meanwhile(request: HttpRequest) -> dict[str, Any]:
        ended = WorkflowRun.objects.get(pk=run.pk)
        post.conclude(ended, contract_for(ended.contract), "cancelled", now=database_now(), reason="not needed")
        return {"status": 200}

    monkeypatch.setattr(call, "make", cancelled_meanwhile)
    runner.advance(run.pk)

    assert status(run) == "cancelled"
    assert steps(run)["render_pdf"] == "running"
    assert RunLog.objects.filter(run=run).count() == 1


# --- runs that kill their workers -------------------------------------------------------------------------------------


def killed_again(run: WorkflowRun, *, times: int = 1) -> None:
    """Further workers take it up, each when the lease of the one before is over, and die."""
    for _ in range(times):
        run.refresh_from_db()
        assert run.lease_until is not None
        with pytest.raises(Killed):
            runner.advance(run.pk, now=run.lease_until + timedelta(seconds=1))
    run.refresh_from_db()


def next_worker(run: WorkflowRun) -> None:
    run.refresh_from_db()
    assert run.lease_until is not None
    runner.advance(run.pk, now=run.lease_until + timedelta(seconds=1))
    run.refresh_from_db()


def test_a_run_that_kills_three_workers_in_a_row_ends_as_failed(world: World, oak: Customer) -> None:
    run, before = approved(world, oak), snapshot()
    with dying_worker("netsuite.push"):
        die(run)
        killed_again(run, times=2)
        next_worker(run)

    assert (run.status, run.lease_owner, run.lease_until) == ("failed", "", None)
    assert run.error == "3 workers in a row died while they worked on it"
    assert run.error in Alert.objects.get(kind="run_crashed", run_id=run.pk).message
    assert run.error in ReflexionLog.objects.get(run=run).narrative
    assert Event.objects.filter(run_id=run.pk, event_type="workflow.failed").count() == 1
    assert changed(before) == {}


def test_two_deaths_are_not_too_many(world: World, oak: Customer) -> None:
    run = approved(world, oak)
    with dying_worker("netsuite.push"):
        die(run)
        killed_again(run)
    assert run.crashes == 1

    next_worker(run)

    assert_done_once(run)


def test_a_call_that_kills_every_worker_is_given_up(
    world: World, oak: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _killed_in_call(world, oak, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(call, "make", kill)
        killed_again(run, times=2)
        next_worker(run)

    assert run.status == "failed"
    assert steps(run) == {
        "write_quote": "done",
        "render_pdf": "failed",
        "send_email": "not_reached",
        "ns_push": "not_reached",
        "ar_forecast_touch": "not_reached",
    }
    assert WorkflowStep.objects.get(run=run, step="render_pdf").attempts == 3
    assert world.gate(run).outcome == "applied"


def test_a_run_that_got_further_may_die_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run = _two_calls(world)
    with monkeypatch.context() as patch:
        patch.setattr(call, "make", kill)
        die(run)
        killed_again(run)
    answers = iter([{"status": 200}])
    with monkeypatch.context() as patch:
        patch.setattr(call, "make", lambda request: next(answers, None) or kill())
        killed_again(run)

    assert steps(run) == {"first": "done", "second": "running"}
    assert run.crashes == 0


def test_a_wait_for_a_retry_forgets_the_deaths_before(
    world: World, oak: Customer, monkeypatch: pytest.MonkeyPatch, site: endpoints.Site
) -> None:
    run = _killed_in_call(world, oak, monkeypatch)
    site.answers = [503]

    next_worker(run)

    assert (run.status, run.crashes, run.lease_owner) == ("retrying", 0, "")


CALLS = """\
workflow_type: two_calls
contract_version: 1
title: Two calls
category: Test
risk_level: 3
description: Calls an endpoint twice.
trigger: {kind: manual}
fan_out:
  - {name: first, kind: http_call, method: POST, path: /api/quote/pdf, produces: [sheets/a.pdf]}
  - {name: second, kind: http_call, method: POST, path: /api/quote/pdf, produces: [sheets/b.pdf], needs: [first]}
retry: {max_attempts: 2, backoff: linear, base_ms: 3000, alert_on_final_failure: false}
"""


def _two_calls(world: World) -> WorkflowRun:
    release_text(CALLS)
    run = world.start("two_calls")
    world.decide(world.gate(run))
    return run


def _killed_in_call(world: World, oak: Customer, monkeypatch: pytest.MonkeyPatch) -> WorkflowRun:
    run = approved(world, oak, include_pdf=True)
    with monkeypatch.context() as patch:
        patch.setattr(call, "make", kill)
        die(run)
    run.refresh_from_db()
    return run

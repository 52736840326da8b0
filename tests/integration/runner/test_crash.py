"""A worker that dies: everything up to its last commit stands, the next worker does the rest, once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from approvals.clock import database_now
from tests import endpoints
from tests.company import customer, item, quote_request
from tests.integration.runner.dying import Killed, dying_worker, kill
from tests.world import World, changed, snapshot, status, steps
from workflows_app.delivery import artifacts
from workflows_app.models import (
    Customer,
    Event,
    PendingPush,
    Quote,
    QuoteLine,
    RunLog,
    WorkflowContract,
    WorkflowRun,
    WorkflowStep,
)
from workflows_app.runner import advance as runner
from workflows_app.runner import call, claim, post
from workflows_app.runner.transitions import StaleRunError
from workflows_app.triggers.tick import tick

LATER = timedelta(minutes=3)


@pytest.fixture(autouse=True)
def site(settings: Settings) -> Iterator[endpoints.Site]:
    """Our own site answers as the test says."""
    settings.WSGI_APPLICATION = "tests.endpoints.application"
    endpoints.site.answers.clear()
    endpoints.site.keys.clear()
    return endpoints.site


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
    assert (status(run), run.lease_until, run.steps.count()) == ("running", None, 0)
    world.work()
    assert_done_once(run)


@pytest.mark.parametrize(("module", "name"), [(post, "conclude"), (claim, "release"), (post, "_record_end")])
def test_a_crash_after_the_steps_undoes_them_too(
    world: World, oak: Customer, module: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, before = approved(world, oak), snapshot()
    with monkeypatch.context() as patch:
        patch.setattr(module, name, kill)
        die(run)

    assert changed(before) == {}
    world.work()
    assert_done_once(run)


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
        patch.setattr(claim, "renew", kill)
        die(run)

    world.work(now=database_now() + LATER)

    assert_done_once(run)
    assert len(site.keys) == 2
    assert len(set(site.keys)) == 1


def test_a_call_that_kills_every_worker_is_given_up(
    world: World, oak: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _killed_in_call(world, oak, monkeypatch)

    with monkeypatch.context() as patch:
        patch.setattr(call, "make", kill)
        for number in range(1, 10):
            try:
                world.work(now=database_now() + number * LATER)
            except Killed:
                continue

    assert status(run) == "partial"
    assert steps(run)["render_pdf"] == "failed"


def test_a_worker_that_lost_its_run_writes_nothing_more(world: World, oak: Customer) -> None:
    run, now = approved(world, oak), database_now()
    slow = claim.claim(run.pk, now)
    assert slow is not None
    assert claim.claim(run.pk, now + timedelta(minutes=1)) is None

    fast = claim.claim(run.pk, now + LATER)

    assert fast is not None
    with pytest.raises(StaleRunError):
        claim.renew(slow, now + LATER)
    claim.release(slow)
    assert WorkflowRun.objects.get(pk=run.pk).lease_owner == claim.owner()


def _killed_in_call(world: World, oak: Customer, monkeypatch: pytest.MonkeyPatch) -> WorkflowRun:
    run = approved(world, oak, include_pdf=True)
    with monkeypatch.context() as patch:
        patch.setattr(call, "make", kill)
        die(run)
    run.refresh_from_db()
    return run

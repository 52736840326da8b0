"""The sweeper finds what nobody comes back for, and costs the same however much has ended."""

import logging
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django_q.models import OrmQ, Task

from approvals.clock import database_now
from tests.company import customer, item, quote_request
from tests.factories import CustomerFactory, OutboundEmailFactory
from tests.integration.netsuite.pushes import approved_push
from tests.integration.runner.dying import Killed, dying_worker
from tests.world import World
from workflows_app.models import OutboundEmail, PendingPush, WorkflowRun
from workflows_app.netsuite import push_queue
from workflows_app.runner import claim
from workflows_app.runner.advance import advance
from workflows_app.runner.enqueue import prune, ring
from workflows_app.triggers import sweep

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=3)


def rung() -> list[tuple[str, tuple[str, ...]]]:
    """The tasks that were asked for since the last look."""
    found = [(row.task["func"].removeprefix("workflows_app.tasks."), row.task["args"]) for row in OrmQ.objects.all()]
    OrmQ.objects.all().delete()
    return found


@pytest.fixture
def approved(world: World) -> WorkflowRun:
    """An approved quote whose doorbell is not heard."""
    item("MILK")
    run = world.start("customer_quote", quote_request(customer("Oak School"), "MILK"))
    world.decide(world.gate(run))
    rung()
    return run


def test_a_run_whose_worker_died_is_rung_for_when_its_lease_is_over(
    approved: WorkflowRun, caplog: pytest.LogCaptureFixture
) -> None:
    with dying_worker("netsuite.push"), pytest.raises(Killed):
        advance(approved.pk)
    worker = WorkflowRun.objects.get(pk=approved.pk).lease_owner
    now = database_now()

    with caplog.at_level(logging.WARNING):
        assert [sweep.wake(now + timedelta(minutes=1)), sweep.wake(now + LATER)] == [0, 1]

    assert ("advance", (approved.pk,)) in rung()
    assert f"the worker {worker} died with the run {approved.pk}" in caplog.text


def test_a_run_that_waits_for_its_moment_is_rung_for_when_it_comes(approved: WorkflowRun) -> None:
    now = database_now()
    WorkflowRun.objects.filter(pk=approved.pk).update(wake_at=now + LATER)

    assert [sweep.wake(now + timedelta(minutes=1)), sweep.wake(now + LATER)] == [0, 1]


def test_a_long_queue_is_not_made_longer(approved: WorkflowRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_MOST_DOORBELLS", 2)
    ring("tick")
    ring("tick")
    ring("tick", delay=timedelta(hours=1))

    assert sweep.wake(database_now() + LATER) == 0

    rung()
    ring("tick")
    assert sweep.wake(database_now() + LATER) == 1


# --- runs that two workers in a row did not survive -------------------------------------------------------------------


@pytest.fixture
def runs(world: World) -> list[WorkflowRun]:
    """Three runs that wait for a doorbell, oldest first."""
    item("MILK")
    names = ["Oak School", "Elm School", "Ash School"]
    started = [world.start("customer_quote", quote_request(customer(name), "MILK")) for name in names]
    for run in started:
        world.decide(world.gate(run))
    rung()
    return started


def died_with(*runs: WorkflowRun, times: int) -> datetime:
    """So many workers died with each of these, the latest of them just now; when their leases are over."""
    over = database_now() + LATER
    pks = [run.pk for run in runs]
    WorkflowRun.objects.filter(pk__in=pks).update(crashes=times - 1, lease_owner="dead", lease_until=over)
    return over + timedelta(seconds=1)


def woken(now: datetime) -> set[str]:
    """The runs that the sweeper rings for."""
    sweep.wake(now)
    return {arguments[0] for task, arguments in rung() if task == "advance"}


def test_runs_that_ended_with_two_workers_are_tried_one_at_a_time_oldest_first(runs: list[WorkflowRun]) -> None:
    now = died_with(*runs[:2], times=2)

    assert woken(now) == {runs[0].pk, runs[2].pk}


def test_no_run_has_its_last_try_while_another_has_it(runs: list[WorkflowRun]) -> None:
    now = died_with(*runs[:2], times=2)
    assert claim.claim(runs[0].pk, now)

    assert woken(now) == {runs[2].pk}

    WorkflowRun.objects.filter(pk=runs[0].pk).update(status="failed", lease_owner="", lease_until=None)
    assert woken(now) == {runs[1].pk, runs[2].pk}


def test_runs_that_ended_with_one_worker_go_on_together(runs: list[WorkflowRun]) -> None:
    assert woken(died_with(*runs, times=1)) == {run.pk for run in runs}


@pytest.mark.parametrize("place", [0, 1, 2])
def test_runs_beside_one_that_kills_the_whole_cluster_are_completed(runs: list[WorkflowRun], place: int) -> None:
    now = database_now()

    for _ in range(12):
        now += LATER
        taken = woken(now)
        poisonous = WorkflowRun.objects.get(pk=runs[place].pk)
        if poisonous.pk in taken and _deaths(poisonous) < claim.MOST_CRASHES:
            for pk in taken:  # whoever took one of them dies
                claim.claim(pk, now)
        else:
            for pk in taken:
                advance(pk, now=now)

    found = [WorkflowRun.objects.get(pk=run.pk).status for run in runs]
    assert found.pop(place) == "failed"
    assert found == ["completed", "completed"]


def _deaths(run: WorkflowRun) -> int:
    return run.crashes + (run.lease_until is not None)


# --- what the queue and the senders leave -----------------------------------------------------------------------------


def test_what_was_on_its_way_when_its_worker_died_is_taken_back(mike: User) -> None:
    CustomerFactory(id="cs-cus-a", ns_id=None, prospect=True)
    push_queue.claim(approved_push(mike, "a").pk, -LATER)
    OutboundEmailFactory(status="sending", claimed_at=database_now() - timedelta(minutes=11), sent_at=None,
                         created_at=database_now())  # fmt: skip
    rung()

    assert [sweep.take_back(database_now()) for _ in range(2)] == [2, 0]

    assert PendingPush.objects.get().status == "outcome_unknown"
    assert OutboundEmail.objects.get().status == "uncertain"
    assert rung() == [("deliver", ())]


def test_what_the_queue_leaves_behind_is_pruned_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    now = database_now()
    for number in range(5):
        _failed(f"old {number}", now - timedelta(days=8))
        OrmQ.objects.create(key="countersign", payload="", lock=now - timedelta(days=2))
    _failed("new", now - timedelta(days=6))
    OrmQ.objects.create(key="countersign", payload="", lock=now - timedelta(hours=23))
    monkeypatch.setattr("workflows_app.runner.enqueue._BATCH", 3)

    assert [prune(now) for _ in range(3)] == [6, 4, 0]

    assert Task.objects.get().name == "new"
    assert OrmQ.objects.count() == 1


def _failed(name: str, at: datetime) -> None:
    Task.objects.create(id=name, name=name, func="workflows_app.tasks.tick", success=False, started=at, stopped=at)

"""Leases of workers that died: somebody looks when one is over, and whoever is suspected is tried alone."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django_q.models import OrmQ

from approvals.clock import database_now
from tests.company import customer, item, quote_request
from tests.world import World
from workflows_app import tasks
from workflows_app.models import Heartbeat, WorkflowRun
from workflows_app.models.heartbeat import LEASES
from workflows_app.runner import claim
from workflows_app.triggers import sweep

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
Doorbells = Callable[[str], list[datetime]]


@pytest.fixture
def runs(world: World) -> list[WorkflowRun]:
    """Two runs that could go on; no doorbell is left."""
    item("MILK")
    started = [
        world.start("customer_quote", quote_request(customer(name), "MILK")) for name in ("Oak School", "Elm School")
    ]
    for run in started:
        world.decide(world.gate(run))
    OrmQ.objects.all().delete()
    Heartbeat.objects.all().delete()
    return started


def rung(task: str) -> list[datetime]:
    """When the doorbells of a task ring that were asked for since the last look; of the others none is left either."""
    found = [row.lock for row in OrmQ.objects.order_by("lock") if row.task["func"].endswith(f".{task}")]
    OrmQ.objects.all().delete()
    return found


def rung_for() -> set[str]:
    """The runs that were rung for since the last look, at once."""
    found = {row.task["args"][0] for row in OrmQ.objects.all() if row.task["func"].endswith(".advance")}
    OrmQ.objects.all().delete()
    return found


def test_a_claim_has_somebody_look_when_its_lease_is_over(runs: list[WorkflowRun]) -> None:
    now = database_now()

    claim.claim(runs[0].pk, now)

    [at] = rung("take_over")
    assert abs(at - (now + claim.lease())) < 10 * SECOND


def test_one_doorbell_is_enough_for_all_leases(runs: list[WorkflowRun]) -> None:
    now = database_now()

    claim.claim(runs[0].pk, now)
    claim.claim(runs[1].pk, now + 10 * SECOND)

    assert len(rung("take_over")) == 1


@pytest.mark.parametrize("ahead", [-DAY, DAY])
def test_a_doorbell_that_was_lost_or_set_by_a_clock_that_was_ahead_is_set_anew(
    runs: list[WorkflowRun], ahead: timedelta
) -> None:
    now = database_now()
    Heartbeat.objects.create(name=LEASES, at=now + ahead)

    claim.claim(runs[0].pk, now)

    assert len(rung("take_over")) == 1


def test_who_looks_rings_for_what_nobody_has_any_more_and_looks_again_for_the_rest(runs: list[WorkflowRun]) -> None:
    now = database_now()
    claim.claim(runs[0].pk, now)
    claim.claim(runs[1].pk, now + 50 * SECOND)
    OrmQ.objects.all().delete()

    assert sweep.take_over(now + claim.lease()) == 1

    [again] = [row.lock for row in OrmQ.objects.all() if row.task["func"].endswith(".take_over")]
    assert abs(again - (database_now() + 50 * SECOND)) < 10 * SECOND
    assert rung_for() == {runs[0].pk}
    assert sweep.take_over(now + claim.lease() + 50 * SECOND) == 2


def test_who_looks_too_early_by_its_own_clock_looks_again_and_never_at_once(runs: list[WorkflowRun]) -> None:
    now = database_now()
    claim.claim(runs[0].pk, now - claim.lease() + timedelta(milliseconds=50))
    OrmQ.objects.all().delete()

    assert sweep.take_over(now) == 0

    [again] = rung("take_over")
    assert again - database_now() > timedelta(milliseconds=100)


def test_with_nothing_leased_nobody_looks_again(runs: list[WorkflowRun]) -> None:
    worker = claim.claim(runs[0].pk, database_now())
    assert worker is not None
    claim.give_back(runs[0].pk, worker)
    OrmQ.objects.all().delete()

    tasks.take_over()

    assert not OrmQ.objects.exists()


def test_a_pass_of_the_scheduler_sees_to_it_as_well(runs: list[WorkflowRun]) -> None:
    now = database_now()
    claim.claim(runs[0].pk, now)
    OrmQ.objects.all().delete()
    Heartbeat.objects.all().delete()

    sweep.wake(now + SECOND)

    assert len(rung("take_over")) == 1


# --- runs that two workers in a row did not survive -------------------------------------------------------------------


def suspected(run: WorkflowRun, now: datetime) -> None:
    """Two workers died with it, and the lease of the second is over."""
    dead = {"crashes": claim.MOST_CRASHES - 2, "lease_owner": "dead", "lease_until": now - SECOND}
    WorkflowRun.objects.filter(pk=run.pk).update(**dead)


def test_a_suspect_is_not_claimed_while_another_has_its_last_try(runs: list[WorkflowRun]) -> None:
    now = database_now()
    for run in runs:
        suspected(run, now)

    first = claim.claim(runs[0].pk, now)

    assert first is not None
    assert claim.claim(runs[1].pk, now) is None
    claim.give_back(runs[0].pk, first)
    assert claim.claim(runs[1].pk, now) is not None


def test_a_suspect_whose_worker_died_keeps_no_other_from_its_last_try(runs: list[WorkflowRun]) -> None:
    now = database_now()
    for run in runs:
        suspected(run, now)
    claim.claim(runs[0].pk, now)

    assert claim.claim(runs[1].pk, now + claim.lease() + SECOND) is not None


def test_others_are_claimed_beside_a_suspect(runs: list[WorkflowRun]) -> None:
    now = database_now()
    suspected(runs[0], now)

    assert claim.claim(runs[0].pk, now) is not None
    assert claim.claim(runs[1].pk, now) is not None

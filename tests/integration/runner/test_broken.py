"""A pass that breaks off changes nothing, is tried again, and is never silent about it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NoReturn

import pytest
from django.db import InterfaceError, OperationalError

from approvals.clock import database_now
from tests.company import customer, item, quote_request
from tests.integration.runner.interventions import do
from tests.world import World, changed, snapshot
from workflows_app.models import Alert, WorkflowRun
from workflows_app.runner import advance as runner
from workflows_app.runner import claim, post

DEFECT = ZeroDivisionError("oops")
PASSING = OperationalError("canceling statement due to lock timeout")
SOON = timedelta(seconds=5)
CLOSED = InterfaceError("connection already closed")


@pytest.fixture
def run(world: World) -> WorkflowRun:
    """An approved quote, not worked on yet."""
    item("MILK")
    run = world.start("customer_quote", quote_request(customer("Oak School"), "MILK"))
    assert world.decide(world.gate(run)).outcome == "approved"
    return run


@contextmanager
def breaking(error: Exception) -> Iterator[None]:
    """Every pass raises when it ends its run."""

    def raises(*arguments: object, **options: object) -> NoReturn:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(post, "conclude", raises)
        yield


def advance(run: WorkflowRun) -> datetime:
    """Advance as soon as the run may be; the moment of it."""
    run.refresh_from_db()
    now = run.wake_at or database_now()
    assert runner.advance(run.pk, now=now)
    run.refresh_from_db()
    return now


@pytest.mark.parametrize(("error", "pause"), [(DEFECT, timedelta(minutes=1)), (PASSING, SOON), (CLOSED, SOON)])
def test_nothing_is_done_and_the_run_is_tried_again(run: WorkflowRun, error: Exception, pause: timedelta) -> None:
    before = snapshot()
    with breaking(error):
        now = advance(run)

    assert changed(before) == {}
    assert (run.status, run.lease_owner, run.lease_until) == ("running", "", None)
    assert run.wake_at == now + pause
    assert run.error == f"{type(error).__name__}: {error}"


def test_a_defect_alerts_at_once(run: WorkflowRun) -> None:
    with breaking(DEFECT):
        advance(run)

    alert = Alert.objects.get(kind="run_broke_off")
    assert "ZeroDivisionError: oops" in alert.message
    assert alert.run_id == run.pk


def test_a_busy_database_alerts_when_it_is_busy_again(run: WorkflowRun) -> None:
    with breaking(PASSING):
        advance(run)
        assert not Alert.objects.exists()
        advance(run)

    assert "lock timeout" in Alert.objects.get(kind="run_broke_off").message


def test_what_breaks_off_for_ever_is_one_alert_that_counts(run: WorkflowRun) -> None:
    with breaking(DEFECT):
        for _ in range(5):
            advance(run)

    assert run.status == "running"
    assert Alert.objects.get(kind="run_broke_off").count == 5


def test_the_alert_ends_when_the_run_goes_on(run: WorkflowRun) -> None:
    with breaking(DEFECT):
        advance(run)

    advance(run)

    assert (run.status, run.error) == ("completed", "")
    assert Alert.objects.get(kind="run_broke_off").resolved_at is not None


def test_the_alert_ends_when_the_run_is_cancelled(world: World, run: WorkflowRun) -> None:
    with breaking(DEFECT):
        advance(run)

    assert do(run, "cancel", by=world.mike).done

    assert Alert.objects.get(kind="run_broke_off").resolved_at is not None


def test_the_alert_ends_when_the_run_is_given_up(run: WorkflowRun) -> None:
    with breaking(DEFECT):
        advance(run)
    WorkflowRun.objects.filter(pk=run.pk).update(crashes=claim.MOST_CRASHES)

    advance(run)

    assert run.status == "failed"
    assert [alert.kind for alert in Alert.objects.open()] == ["run_crashed"]


def test_other_runs_go_on(world: World, run: WorkflowRun, monkeypatch: pytest.MonkeyPatch) -> None:
    other = world.start("customer_quote", quote_request(customer("Elm School"), "MILK"))
    world.decide(world.gate(other))
    conclude: Callable[..., None] = post.conclude

    def raises_for_one(ending: WorkflowRun, *arguments: object, **options: object) -> None:
        if ending.pk == run.pk:
            raise DEFECT
        conclude(ending, *arguments, **options)

    monkeypatch.setattr(post, "conclude", raises_for_one)
    world.work()

    assert [WorkflowRun.objects.get(pk=each.pk).status for each in (run, other)] == ["running", "completed"]

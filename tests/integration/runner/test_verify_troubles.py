"""What breaks a look at a check, or takes too long: no check ends as `timeout` that could still be looked at."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NoReturn

import pytest
from django.db import InterfaceError, OperationalError, connection
from django_q.models import OrmQ
from pytest_django import Settings

from tests.integration.runner.dying import Killed, kill
from tests.integration.runner.looking import Clock, Looking, passes, statuses
from workflows_app.checks.base import Finding
from workflows_app.models import Alert, VerifyResult
from workflows_app.runner import corrective, verify
from workflows_app.runner.verify import run_due
from workflows_app.runner.verify_staging import GRACE

Due = Callable[[int], datetime]
HALF_AN_HOUR = timedelta(minutes=30)
BUSY = [OperationalError("canceling statement due to lock timeout"), InterfaceError("connection already closed")]
DEFECT = ZeroDivisionError("oops")


def raises(error: Exception) -> Callable[..., NoReturn]:
    """What raises this, whatever it is asked."""

    def answer(*arguments: object) -> NoReturn:
        raise error

    return answer


def not_yet(clock: Clock, seconds: float) -> Callable[[str], Finding]:
    """Nothing holds, and each look takes so long."""

    def answer(name: str) -> Finding:
        clock.seconds += seconds
        return Finding(passed=False, detail="not yet")

    return answer


def rung() -> int:
    """How many further passes were asked for since the last look."""
    tasks = [row.task["func"] for row in OrmQ.objects.all()]
    OrmQ.objects.all().delete()
    return tasks.count("workflows_app.tasks.run_verify")


# --- who looked died --------------------------------------------------------------------------------------------------


def test_checks_behind_one_that_killed_who_looked_are_still_looked_at(looking: Looking, due: Due) -> None:
    now = due(5)
    looking.answer = kill
    with pytest.raises(Killed):
        run_due(now)
    looking.answer = passes

    assert run_due(now + GRACE) == {"pass": 5}
    assert not Alert.objects.exists()


def test_only_the_check_that_killed_at_its_last_look_is_timed_out(looking: Looking, due: Due) -> None:
    now = due(5)
    looking.answer = kill
    with pytest.raises(Killed):
        run_due(now + GRACE)
    looking.answer = passes

    assert run_due(now + GRACE + HALF_AN_HOUR) == {"timeout": 1, "pass": 4}
    assert (looking.asked["check 0"], looking.asked["check 1"]) == (1, 1)


def test_each_check_that_kills_at_its_last_look_costs_one_pass(looking: Looking, due: Due) -> None:
    now = due(5) + GRACE

    def answer(name: str) -> Finding:
        return kill() if name in {"check 1", "check 3"} else passes(name)

    looking.answer = answer
    for number in range(2):
        with pytest.raises(Killed):
            run_due(now + number * HALF_AN_HOUR)
    run_due(now + 2 * HALF_AN_HOUR)

    assert statuses() == {"timeout": 2, "pass": 3}
    assert set(looking.asked.values()) == {1}


# --- a look that raises -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", BUSY)
@pytest.mark.parametrize("before", [timedelta(minutes=10), timedelta()])
def test_what_could_not_be_recorded_is_looked_at_again(
    looking: Looking, due: Due, monkeypatch: pytest.MonkeyPatch, error: Exception, before: timedelta
) -> None:
    now = due(1) + GRACE - before
    with monkeypatch.context() as busy:
        busy.setattr(verify, "_flip", raises(error))
        assert run_due(now) == {"busy": 1}

    assert run_due(now + HALF_AN_HOUR) == {"pass": 1}
    assert looking.asked["check 0"] == 2
    assert not Alert.objects.open().exists()


def test_a_check_that_waits_for_the_database_when_its_time_is_over_says_so(looking: Looking, due: Due) -> None:
    now = due(1) + GRACE
    looking.answer = raises(BUSY[0])

    run_due(now), run_due(now + HALF_AN_HOUR)

    assert statuses() == {"pending": 1}
    alert = Alert.objects.get(kind="verify_broke_off")
    assert alert.count == 2
    assert "lock timeout" in alert.message


def test_a_defect_when_its_time_is_over_ends_the_check_with_the_error(looking: Looking, due: Due) -> None:
    now = due(2)
    looking.answer = raises(DEFECT)
    assert run_due(now) == {"broken": 2}
    assert not VerifyResult.objects.exclude(lease_owner="").exists()

    assert run_due(now + GRACE) == {"timeout": 2}

    assert "ZeroDivisionError: oops" in VerifyResult.objects.all()[0].detail
    assert Alert.objects.filter(kind="verify_failed").count() == 2


def test_the_alert_about_a_broken_look_ends_when_the_check_passes(looking: Looking, due: Due) -> None:
    now = due(1)
    looking.answer = raises(DEFECT)
    run_due(now)
    assert Alert.objects.open().count() == 1
    looking.answer = passes

    run_due(now + HALF_AN_HOUR)

    assert not Alert.objects.open().exists()


def test_a_check_that_failed_is_failed_also_when_its_proposal_cannot_be_made(
    looking: Looking, due: Due, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = due(1)
    looking.answer = lambda name: Finding(passed=False, detail="0 rows")
    monkeypatch.setattr(corrective, "propose", raises(DEFECT))

    assert run_due(now + GRACE) == {"fail": 1}

    assert VerifyResult.objects.get().detail == "0 rows"
    assert "could not be proposed: ZeroDivisionError: oops" in Alert.objects.get(kind="verify_failed").message


def test_a_busy_database_while_it_is_proposed_leaves_the_check_to_the_next_pass(
    looking: Looking, due: Due, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = due(1) + GRACE
    looking.answer = lambda name: Finding(passed=False, detail="0 rows")
    with monkeypatch.context() as busy:
        busy.setattr(corrective, "propose", raises(BUSY[0]))
        assert run_due(now) == {"busy": 1}
    monkeypatch.setattr(corrective, "propose", lambda *arguments: "; proposed")

    assert run_due(now + HALF_AN_HOUR) == {"fail": 1}


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connection to lose")
def test_a_connection_that_is_lost_during_a_look_is_replaced(looking: Looking, due: Due) -> None:
    now = due(2) + GRACE

    def answer(name: str) -> Finding:
        if name == "check 0":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return passes(name)

    looking.answer = answer

    assert run_due(now) == {"busy": 1, "pass": 1}
    looking.answer = passes
    assert run_due(now + HALF_AN_HOUR) == {"pass": 1}


# --- a pass that takes long -------------------------------------------------------------------------------------------


class Slow:
    """Each look takes so many seconds; how long the lease of the check lasted before and after it."""

    def __init__(self, clock: Clock, now: datetime, seconds: float) -> None:
        self.clock, self.now, self.seconds = clock, now, seconds
        self.left: list[timedelta] = []

    def __call__(self, name: str) -> Finding:
        """Look slowly."""
        self.clock.seconds += self.seconds
        until = VerifyResult.objects.get(name=name).lease_until
        assert until is not None
        self.left.append(until - self.now - timedelta(seconds=self.clock.seconds))
        return passes(name)


def test_a_pass_ends_after_two_minutes_and_rings_for_the_rest(looking: Looking, due: Due) -> None:
    now, clock = due(10), Clock()
    looking.answer = Slow(clock, now, 30)

    assert run_due(now, clock=clock) == {"pass": 4}

    assert rung() == 1
    assert not VerifyResult.objects.exclude(lease_owner="").exists()
    assert run_due(now + timedelta(seconds=clock.seconds), clock=Clock()) == {"pass": 6}


def test_every_lease_lasts_beyond_the_look(looking: Looking, due: Due, settings: Settings) -> None:
    settings.LEASE_SECONDS = 50
    now, clock = due(20), Clock()
    looking.answer = slow = Slow(clock, now, 20)

    run_due(now, clock=clock)

    assert len(slow.left) == 6
    assert min(slow.left) >= timedelta()


def test_a_pass_that_got_through_rings_for_nothing(looking: Looking, due: Due) -> None:
    now, clock = due(3), Clock()
    looking.answer = Slow(clock, now, 50)

    assert run_due(now, clock=clock) == {"pass": 3}

    assert rung() == 0


def test_passes_that_ring_for_each_other_come_to_an_end(looking: Looking, due: Due) -> None:
    now, clock = due(10), Clock()
    looking.answer = not_yet(clock, 30)

    passes_made = 0
    while passes_made == 0 or rung():
        clock.seconds = 0
        run_due(now + passes_made * timedelta(minutes=3), clock=clock)
        passes_made += 1

    assert passes_made == 3
    assert len(looking.asked) == 10


def test_those_that_nobody_has_looked_at_come_first(looking: Looking, due: Due) -> None:
    now, clock = due(8), Clock()
    looking.answer = not_yet(clock, 30)

    run_due(now, clock=clock)
    clock.seconds = 0
    run_due(now + HALF_AN_HOUR, clock=clock)

    assert len(looking.asked) == 8
    assert set(looking.asked.values()) == {1}

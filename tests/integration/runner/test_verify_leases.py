"""Who executes a check has its lease: schedulers share the checks, and one that dies is taken over."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connections
from pytest_django import Settings

from tests.integration.runner.dying import Killed, kill
from tests.integration.runner.looking import Clock, Looking, passes, statuses
from workflows_app.checks.base import Finding
from workflows_app.models import Alert, VerifyResult
from workflows_app.runner.verify import run_due
from workflows_app.runner.verify_staging import GRACE

CHECKS = 150
SECOND, TWO_MINUTES, HALF_AN_HOUR = timedelta(seconds=1), timedelta(minutes=2), timedelta(minutes=30)


@pytest.mark.usefixtures("shared_database")
def test_two_schedulers_at_once_execute_each_check_once(looking: Looking, due: Callable[[int], datetime]) -> None:
    now = due(CHECKS)
    start = threading.Barrier(2)
    counts: list[dict[str, int]] = []

    def schedule() -> None:
        start.wait()
        counts.append(run_due(now))
        connections["default"].close()

    threads = [threading.Thread(target=schedule) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses() == {"pass": CHECKS}
    assert sum(count.get("pass", 0) for count in counts) == CHECKS
    assert set(looking.asked.values()) == {1}
    assert len(looking.asked) == CHECKS


def test_a_check_whose_scheduler_died_is_taken_over_when_its_lease_is_over(
    looking: Looking, due: Callable[[int], datetime]
) -> None:
    now = due(3)
    looking.answer = kill
    with pytest.raises(Killed):
        run_due(now, clock=Clock())
    looking.answer = passes

    assert run_due(now + TWO_MINUTES - SECOND, clock=Clock()) == {}
    assert run_due(now + TWO_MINUTES + SECOND, clock=Clock()) == {"pass": 3}
    assert not VerifyResult.objects.exclude(lease_owner="").exists()


def test_who_lost_a_check_does_not_flip_it(looking: Looking, due: Callable[[int], datetime]) -> None:
    now = due(1)

    def slow(name: str) -> Finding:
        VerifyResult.objects.update(lease_owner="another")
        return Finding(passed=True, detail="late")

    looking.answer = slow

    assert run_due(now) == {}
    assert VerifyResult.objects.get().status == "pending"


def test_a_check_that_does_not_hold_yet_is_looked_at_once_in_a_pass(
    looking: Looking, due: Callable[[int], datetime]
) -> None:
    now = due(3)
    looking.answer = lambda name: Finding(passed=False, detail="not yet")

    assert run_due(now) == {"pending": 3}
    assert run_due(now + timedelta(seconds=1)) == {"pending": 3}

    assert set(looking.asked.values()) == {2}


def test_a_check_that_breaks_us_does_not_keep_the_others_waiting(
    looking: Looking, due: Callable[[int], datetime]
) -> None:
    now = due(3)

    def breaks(name: str) -> Finding:
        if name == "check 0":
            raise ZeroDivisionError("oops")
        return Finding(passed=True, detail=name)

    looking.answer = breaks

    assert run_due(now) == {"broken": 1, "pass": 2}
    assert "ZeroDivisionError: oops" in Alert.objects.get(kind="verify_broke_off").message


def test_a_check_that_kills_who_looks_ends_when_its_time_is_over(
    looking: Looking, due: Callable[[int], datetime]
) -> None:
    now = due(1)
    looking.answer = kill
    with pytest.raises(Killed):
        run_due(now)
    with pytest.raises(Killed):
        run_due(now + GRACE)

    assert run_due(now + GRACE + HALF_AN_HOUR) == {"timeout": 1}

    assert "the scheduler that looked at it died" in Alert.objects.get(kind="verify_failed").message
    assert looking.asked["check 0"] == 2


def test_checks_that_a_lease_is_too_short_for_are_claimed_anew(
    looking: Looking, due: Callable[[int], datetime], settings: Settings
) -> None:
    now = due(20)
    settings.LEASE_SECONDS = 0.000001

    assert run_due(now) == {"pass": 20}

    assert set(looking.asked.values()) == {1}

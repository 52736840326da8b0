"""`tick`: which moments it takes, and what it says when a part of the pass failed."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from approvals.clock import database_now
from tests.world import World
from workflows_app.models import CronOccurrence
from workflows_app.triggers import cron

pytestmark = pytest.mark.django_db


def refused(*arguments: str) -> tuple[int, str]:
    """Exit code and sentence of a command that does not do it."""
    with pytest.raises(CommandError) as error:
        call_command(*arguments)
    return error.value.returncode, str(error.value)


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00"])
@pytest.mark.parametrize("command", ["tick", "run_verify"])
def test_a_moment_beyond_the_calendar_is_bad_use(command: str, moment: str) -> None:
    code, message = refused(command, "--now", moment)

    assert code == 2
    assert "is not a moment" in message


@pytest.mark.parametrize("ahead", [timedelta(days=1, minutes=1), timedelta(days=400)])
def test_tick_refuses_a_far_future_because_schedules_would_wait_for_it(world: World, ahead: timedelta) -> None:
    code, message = refused("tick", "--now", (database_now() + ahead).isoformat())

    assert code == 2
    assert "is not between 2000 and tomorrow" in message
    assert not CronOccurrence.objects.exists()


def test_tick_refuses_a_past_before_any_schedule() -> None:
    assert "is not between 2000 and tomorrow" in refused("tick", "--now", "0001-01-01T00:00:00Z")[1]


def test_tick_takes_a_moment_of_the_same_day(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("tick", "--now", (database_now() + timedelta(hours=23)).isoformat())

    assert "woken: 0" in capsys.readouterr().out


def test_tick_names_the_part_that_failed_and_tells_what_the_others_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cron, "start_due", lambda now: 1 // 0)

    code, message = refused("tick")

    assert code == 1
    assert message.startswith("Failed: started by cron: ZeroDivisionError")
    found = "started by events: 0, expired: 0, reminded: 0, woken: 0, taken back: 0, pruned: 0, silent: 0"
    assert capsys.readouterr().out == f"{found}\n"

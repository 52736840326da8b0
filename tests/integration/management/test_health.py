"""`health`: an exit code for monitors, and a sentence for each thing to do."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from approvals.clock import database_now
from workflows_app.management.commands import health
from workflows_app.models import Alert, Hold
from workflows_app.triggers import cron
from workflows_app.triggers.silence import PASSES, ended_well
from workflows_app.triggers.tick import TickError
from workflows_app.triggers.watch import watched_tick

pytestmark = pytest.mark.django_db


def beat(**ago: float) -> None:
    for name in ("tick", *PASSES):
        ended_well(name, database_now() - timedelta(**ago))


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as error:
        call_command("health", *arguments)
    assert error.value.returncode == 1
    return str(error.value)


def test_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    beat()

    call_command("health")

    assert capsys.readouterr().out == "All is well. Open alerts: 0.\n"


def test_open_alerts_and_a_hold_are_named_and_are_no_illness(capsys: pytest.CaptureFixture[str]) -> None:
    beat()
    Alert.objects.raise_alert("a", kind="x", message="It failed.", now=database_now())
    Hold.objects.create(pk=1, on=True)

    call_command("health")

    assert "Open alerts: 1. Everything is on hold." in capsys.readouterr().out


def test_what_is_silent_is_said_with_what_to_do() -> None:
    beat(days=2)

    lines = refused().splitlines()

    assert len(lines) == 7
    assert lines[0].startswith("The scheduler has been silent since")
    assert "manage.py run_verify does it by hand" in lines[2]


def test_a_part_of_the_scheduler_that_fails_is_said_in_a_sentence_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    beat()
    with monkeypatch.context() as patch:
        patch.setattr(cron, "start_due", lambda now: 1 // 0)
        with pytest.raises(TickError):
            watched_tick(database_now())

    [line, beside] = refused().split("; ", 1)
    assert line.startswith("The scheduler cannot do its part “started by cron”: ZeroDivisionError")
    assert "silent" not in beside
    refused("--json")
    answer = json.loads(capsys.readouterr().out)
    assert (answer["healthy"], answer["silent"], len(answer["failing"])) == (False, [], 1)


def test_a_part_that_failed_once_is_no_illness_when_its_alert_is_over() -> None:
    beat()
    now = database_now()
    Alert.objects.raise_alert("tick:expired", kind="scheduler", message="It failed.", now=now)
    Alert.objects.filter(key="tick:expired").resolve(now, by="person:mike")

    call_command("health")


def test_json_stands_alone_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    beat(days=2)

    refused("--json")

    answer = json.loads(capsys.readouterr().out)
    assert (answer["healthy"], answer["open_alerts"], answer["on_hold"]) == (False, 0, False)
    assert [each["what"] for each in answer["silent"]] == ["tick", *PASSES]


def test_a_healthy_answer_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    beat()

    call_command("health", "--json")

    assert json.loads(capsys.readouterr().out)["silent"] == []


def test_a_database_that_is_away_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(now: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "look", away)

    assert refused().startswith("The database cannot be read: connection refused.")

"""A pass as the clock calls it: heartbeat, mail of alerts, and the pulse to a real server outside."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from pytest_django import Settings

from approvals.clock import database_now
from workflows_app import tasks
from workflows_app.models import Alert, Heartbeat
from workflows_app.runner import verify
from workflows_app.triggers import cron, deadman
from workflows_app.triggers.silence import ended_well
from workflows_app.triggers.tick import TickError
from workflows_app.triggers.watch import watched_tick

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 9, 14, 9, 0, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Outside(HTTPServer):
    """A dead-man service: counts the calls and answers with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Caller)
        self.calls: list[str] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/ping/secret-token"


class Caller(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Outside)
        self.server.calls.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def outside(settings: Settings) -> Iterator[Outside]:
    with Outside() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.DEADMAN_URL = server.url
        yield server
        server.shutdown()
        thread.join()


def test_a_tick_that_ended_well_gives_a_pulse(outside: Outside) -> None:
    watched_tick(NINE)

    assert outside.calls == ["/ping/secret-token"]
    assert Heartbeat.objects.get(name="tick").at == NINE


def test_there_is_one_pulse_in_a_minute_and_one_in_the_next(outside: Outside) -> None:
    ended_well("tick", NINE)

    pulses = [deadman.ping(NINE + seconds * timedelta(seconds=1)) for seconds in (0, 1, 49, 50, 109, 115)]

    assert pulses == [True, False, False, True, False, True]
    assert len(outside.calls) == 3


def test_there_is_no_pulse_while_something_is_silent(outside: Outside) -> None:
    for name in ("tick", "deliver"):
        ended_well(name, NINE - 20 * MINUTE)
    for minute in range(20):
        ended_well("tick", NINE + (minute - 19) * MINUTE)

    watched_tick(NINE + MINUTE)

    assert outside.calls == []


def test_a_pass_that_reached_its_end_is_a_heartbeat_and_a_pulse_although_a_part_failed(
    outside: Outside, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.ALERT_EMAIL = ["mike@example.com"]
    monkeypatch.setattr(cron, "start_due", lambda now: 1 // 0)

    with pytest.raises(TickError):
        watched_tick(NINE)

    assert outside.calls == ["/ping/secret-token"]
    assert Heartbeat.objects.get(name="tick").at == NINE
    assert "ZeroDivisionError" in mail.outbox[0].body


def test_a_pass_that_broke_off_is_none(outside: Outside, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.ALERT_EMAIL = ["mike@example.com"]
    Alert.objects.raise_alert("a", kind="x", message="Before.", now=NINE)

    def broken_off(now: datetime) -> int:
        raise SystemExit

    monkeypatch.setattr(cron, "start_due", broken_off)

    with pytest.raises(SystemExit):
        watched_tick(NINE)

    assert outside.calls == []
    assert not Heartbeat.objects.filter(name="tick").exists()
    assert "Before." in mail.outbox[0].body


@pytest.mark.parametrize("status", [404, 500])
def test_an_answer_that_is_no_success_is_only_logged(
    outside: Outside, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    outside.status = status
    watched_tick(NINE)

    assert f"answered {status}" in caplog.text
    assert not Alert.objects.exists()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/secret-token", "no url/secret-token", "http://[/secret-token"])
def test_a_server_that_is_away_is_logged_without_its_address(
    settings: Settings, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DEADMAN_URL = url

    watched_tick(NINE)

    assert "the dead-man URL was not reached" in caplog.text
    assert "secret-token" not in caplog.text


def test_without_a_url_nobody_is_called(outside: Outside, settings: Settings) -> None:
    settings.DEADMAN_URL = ""

    watched_tick(NINE)

    assert outside.calls == []


def test_every_task_that_the_clock_calls_leaves_a_heartbeat() -> None:
    before = database_now()

    tasks.tick()
    tasks.deliver()
    tasks.run_verify()

    beats = dict(Heartbeat.objects.filter(name__in=["tick", "deliver", "run_verify"]).values_list("name", "at"))
    assert len(beats) == 3
    assert all(at >= before for at in beats.values())


def test_a_pass_that_failed_leaves_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "run_due", lambda now: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        tasks.run_verify()

    assert not Heartbeat.objects.exists()


def test_the_commands_are_heartbeats_unless_they_are_given_another_moment() -> None:
    call_command("tick", "--now", database_now().isoformat())
    call_command("run_verify", "--now", database_now().isoformat())
    assert not Heartbeat.objects.exists()

    for command in ("tick", "run_verify", "deliver", "set_up"):
        call_command(command)

    beats = set(Heartbeat.objects.values_list("name", flat=True))
    assert beats == {"tick", "awake", "run_verify", "deliver", "set_up"}


def test_a_tick_command_of_which_a_part_failed_ends_with_an_error_and_is_a_heartbeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cron, "start_due", lambda now: 1 // 0)

    with pytest.raises(CommandError):
        call_command("tick")

    assert Heartbeat.objects.filter(name="tick").exists()

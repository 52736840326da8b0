"""Slices of a pass: rung for until it is done; and the schedules that ring first."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pytest
import time_machine
from django.core.management import call_command
from django_q.models import OrmQ, Schedule
from pytest_django import Settings

from workflows_app import tasks
from workflows_app.models import Customer, Heartbeat, SyncLog
from workflows_app.netsuite import client as netsuite_client
from workflows_app.netsuite.client import connect
from workflows_app.netsuite.errors import BusyError
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.netsuite.sync.kinds import CHANGES, HOT, NIGHTLY
from workflows_app.runner.enqueue import SCHEDULES, set_schedules
from workflows_app.triggers import sync


@pytest.fixture
def netsuite(db: None, settings: Settings, tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox with a customer and an item: two pages."""
    with Sandbox(tmp_path / "sandbox") as running:
        settings.NETSUITE = {**settings.NETSUITE, **running.django_settings}
        with connect() as client:
            client.create("customer", {"companyName": "Café Ñandú"})
            client.create("inventoryItem", {"itemId": "DRY-1001"})
        yield running


def rung() -> list[tuple[str, ...]]:
    """What the queue holds for the sync."""
    return [row.args() for row in OrmQ.objects.order_by("id")]


def test_each_pass_says_that_it_was_made_whatever_came_of_it(
    netsuite: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_named: object) -> NoReturn:
        raise BusyError("too many requests")

    monkeypatch.setattr(netsuite_client, "connect", refuse)

    tasks.sync_changes()
    tasks.sync_receivables()  # nothing was read yet: it may not begin
    tasks.sync_nightly()

    assert set(SyncLog.objects.values_list("status", flat=True)) == {"failed"}
    beats = Heartbeat.objects.filter(name__startswith="sync_").values_list("name", flat=True)
    assert set(beats) == {"sync_changes", "sync_receivables", "sync_nightly"}


def test_what_is_read_by_hand_counts(netsuite: Sandbox) -> None:
    call_command("sync_netsuite", "--full", "--json")

    beats = Heartbeat.objects.filter(name__startswith="sync_").values_list("name", flat=True)
    assert set(beats) == {"sync_changes", "sync_receivables", "sync_nightly"}


def test_a_slice_that_is_not_the_last_rings_for_the_next(netsuite: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "SLICE_SECONDS", 0.0)

    tasks.sync_changes()
    assert (SyncLog.objects.get().status, rung()) == ("running", [(CHANGES,)])
    tasks.sync(CHANGES)
    tasks.sync(CHANGES)

    assert SyncLog.objects.get().status == "completed"
    assert rung() == [(CHANGES,), (CHANGES,)]
    assert Customer.objects.count() == 1


def test_a_pass_that_is_done_rings_for_nothing(netsuite: Sandbox) -> None:
    tasks.sync_changes()
    tasks.sync_receivables()
    tasks.sync_nightly()

    assert list(SyncLog.objects.order_by("pk").values_list("sync_type", "status")) == [
        (CHANGES, "completed"),
        (HOT, "completed"),
        (NIGHTLY, "completed"),
    ]
    assert rung() == []


def test_a_pass_that_fails_waits_for_its_next_schedule(db: None) -> None:
    tasks.sync_changes()

    assert (SyncLog.objects.get().status, rung()) == ("failed", [])


@pytest.mark.django_db
@pytest.mark.parametrize("minute", [0, 7, 59])
def test_no_schedule_is_due_before_its_time(minute: int) -> None:
    now = datetime(2026, 9, 14, 12, minute, 30, tzinfo=UTC)

    with time_machine.travel(now, tick=False):
        set_schedules()
        set_schedules()

    due = {row.name: row.next_run for row in Schedule.objects.all()}
    assert len(due) == len(SCHEDULES)
    for name, _, minutes, start in SCHEDULES:
        assert now < due[name] <= now + timedelta(minutes=minutes)
        assert (due[name] - due[name].replace(hour=0, minute=0)) % timedelta(minutes=minutes) == timedelta(
            minutes=start % minutes
        )

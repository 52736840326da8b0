"""A pause: nothing starts, nothing is caught up, and it is known who paused it and why."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event as Signal
from typing import Any

import pytest
from django.db import connection, transaction

from approvals.principals import Principal
from tests.integration.triggers.small import mend, on_cron, on_event, runs, spoil
from workflows_app.models import Alert, ContractPause, CronOccurrence, Event, WorkflowContract
from workflows_app.triggers import cron, events
from workflows_app.triggers.active import load_active
from workflows_app.triggers.pause import set_paused

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MIKE = Principal("person", "mike")


def pause(now: datetime, name: str = "clock") -> bool:
    return set_paused(name, True, by=MIKE, reason="Audit.", now=now)


def go_on(now: datetime, name: str = "clock") -> bool:
    return set_paused(name, False, by=MIKE, reason="Done.", now=now)


def missed() -> list[datetime]:
    rows = CronOccurrence.objects.filter(status="missed").order_by("scheduled_for")
    return [row.scheduled_for for row in rows]


def test_what_comes_due_in_a_pause_is_recorded_without_an_alert_and_not_caught_up() -> None:
    on_cron("0 * * * *", at=NINE - HOUR, catch_up=600)
    pause(NINE - MINUTE)
    cron.start_due(NINE)
    cron.start_due(NINE + HOUR)
    go_on(NINE + HOUR + MINUTE)

    assert cron.start_due(NINE + HOUR + 2 * MINUTE) == 0
    assert cron.start_due(NINE + 2 * HOUR) == 1
    assert missed() == [NINE, NINE + HOUR]
    assert not Alert.objects.exists()


def test_a_pause_without_a_scheduler_is_not_caught_up_either() -> None:
    on_cron("0 * * * *", at=NINE - HOUR, catch_up=600)
    pause(NINE - MINUTE)
    go_on(NINE + 2 * HOUR + MINUTE)

    assert cron.start_due(NINE + 2 * HOUR + 2 * MINUTE) == 0
    assert missed() == [NINE, NINE + HOUR, NINE + 2 * HOUR]
    assert not Alert.objects.exists()


def test_every_pause_is_kept_with_who_when_and_why() -> None:
    on_cron("0 * * * *", at=NINE)
    pause(NINE)
    go_on(NINE + HOUR)

    kept = ContractPause.objects.values_list("workflow_type", "paused", "by", "at", "reason")
    assert list(kept) == [
        ("clock", False, "person:mike", NINE + HOUR, "Done."),
        ("clock", True, "person:mike", NINE, "Audit."),
    ]


def test_a_second_pause_says_so_and_writes_nothing() -> None:
    on_cron("0 * * * *", at=NINE)

    assert [pause(NINE), pause(NINE), pause(NINE, "nobody")] == [True, False, False]
    assert ContractPause.objects.count() == 1


def test_the_next_version_stays_paused() -> None:
    on_cron("0 * * * *", at=NINE)
    pause(NINE)

    assert on_cron("30 * * * *", at=NINE + HOUR, version=2).paused


def test_events_start_nothing_in_a_pause() -> None:
    on_event("vendor.late")
    pause(NINE, "listener")
    events.emit("vendor.late", "k", {})

    assert events.dispatch() == 0


def test_a_scheduler_that_read_the_contract_before_the_pause_starts_nothing_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_cron("0 9 * * *", at=NINE - HOUR)
    load = cron.load_active

    def paused_meanwhile(*arguments: object) -> object:
        found = load(*arguments)  # type: ignore[arg-type]
        pause(NINE)
        return found

    monkeypatch.setattr(cron, "load_active", paused_meanwhile)

    assert cron.start_due(NINE) == 0
    assert runs() == []
    assert missed() == [NINE]


def after_the_first(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something between the first and the second event of a batch."""
    real = events._dispatch

    def dispatch(*arguments: Any) -> int:
        started = real(*arguments)
        monkeypatch.setattr(events, "_dispatch", real)
        act()
        return started

    monkeypatch.setattr(events, "_dispatch", dispatch)


def test_a_pause_in_the_middle_of_a_batch_of_events_holds_for_the_rest_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    on_event("vendor.late")
    for number in range(3):
        events.emit("vendor.late", f"k{number}", {})
    after_the_first(monkeypatch, lambda: pause(NINE, "listener"))

    assert events.dispatch() == 1
    assert len(runs()) == 1

    go_on(NINE, "listener")
    assert events.dispatch() == 0


def test_an_event_goes_to_the_version_that_became_active_in_the_middle_of_its_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_event("vendor.late")
    for number in range(3):
        events.emit("vendor.late", f"k{number}", {})
    after_the_first(monkeypatch, lambda: on_event("vendor.late", version=2))

    assert events.dispatch() == 1
    assert events.dispatch() == 2
    assert [run.contract.contract_version for run in runs()] == [1, 2, 2]


def test_a_contract_that_does_not_load_can_be_paused_and_go_on() -> None:
    row = on_cron("0 * * * *", at=NINE - HOUR)
    spoil(row)

    assert pause(NINE)
    assert go_on(NINE + HOUR)
    mend(row)
    assert not WorkflowContract.objects.get().paused


@pytest.mark.django_db(transaction=True)
def test_a_pause_waits_for_a_start_that_is_under_way(shared_database: None) -> None:
    on_cron("0 9 * * *", at=NINE - HOUR)
    started, paused = Signal(), Signal()

    def pause_meanwhile() -> bool:
        started.wait(60)
        try:
            return pause(NINE)
        finally:
            paused.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(pause_meanwhile)
        with transaction.atomic():
            assert cron.start_due(NINE) == 1
            started.set()
            assert not paused.wait(0.3)
        assert other.result()


@pytest.mark.django_db(transaction=True)
def test_a_pause_waits_for_an_event_that_is_starting_a_run(
    shared_database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_event("vendor.late")
    for number in range(2):
        events.emit("vendor.late", f"k{number}", {})
    starting, paused, create = Signal(), Signal(), events._create

    def pause_meanwhile() -> bool:
        starting.wait(60)
        try:
            return pause(NINE, "listener")
        finally:
            paused.set()
            connection.close()

    def slow(*arguments: Any) -> bool:
        starting.set()
        assert not paused.wait(0.3)
        return create(*arguments)

    monkeypatch.setattr(events, "_create", slow)
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(pause_meanwhile)
        assert events._dispatch_one(Event.objects.earliest("recorded_at"), listening(), NINE) == 1
        assert other.result()

    assert events.dispatch() == 0
    assert len(runs()) == 1


def listening() -> events.Listening:
    """Who listens, as a batch of events reads it, once."""
    contracts, complete = load_active(WorkflowContract.objects.filter(active=True), NINE)
    return events.Listening(contracts=contracts, complete=complete, subscribers=())

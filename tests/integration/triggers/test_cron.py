"""Cron: one run per occurrence, whoever ticks how often; after downtime the newest, and an alert about the rest."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from approvals.canonical import parse
from tests.integration.triggers.small import on_cron, runs
from tests.plans import Step, steps
from workflows_app.models import Alert, CronOccurrence, WorkflowContract, WorkflowRun
from workflows_app.triggers import cron
from workflows_app.triggers.tick import tick

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def occurrences(status: str) -> list[datetime]:
    """The recorded due moments, oldest first."""
    return list(
        CronOccurrence.objects.filter(status=status).order_by("scheduled_for").values_list("scheduled_for", flat=True)
    )


def test_two_ticks_in_one_minute_start_one_run() -> None:
    on_cron("0 9 * * *", at=NINE - HOUR)

    first, second = tick(NINE + timedelta(seconds=5)), tick(NINE + timedelta(seconds=50))

    assert (first["started_by_cron"], second["started_by_cron"]) == (1, 0)
    assert len(runs()) == 1
    assert occurrences("started") == [NINE]


def test_a_run_knows_when_it_was_due() -> None:
    on_cron("0 9 * * *", at=NINE - HOUR)

    cron.start_due(NINE + MINUTE)

    [run] = runs()
    assert (run.trigger_kind, run.trigger_key) == ("cron", "cron:clock:2026-09-14T09:00Z")
    assert parse(run.trigger)["principal"] == "machine:schedule"
    assert CronOccurrence.objects.get().run_id == run.pk


def test_nothing_starts_before_it_is_due() -> None:
    on_cron("0 9 * * *", at=NINE - HOUR)

    assert cron.start_due(NINE - timedelta(seconds=1)) == 0
    assert not CronOccurrence.objects.exists()


def test_each_occurrence_starts_a_run_of_its_own() -> None:
    on_cron("22,37,52 * * * *", at=NINE)

    for minute in range(61):
        cron.start_due(NINE + minute * MINUTE)

    assert occurrences("started") == [NINE + minutes * MINUTE for minutes in (22, 37, 52)]
    assert len(runs()) == 3


@pytest.mark.parametrize(("late", "started"), [(59, 1), (60, 1), (61, 0)])
def test_a_missed_occurrence_runs_while_it_is_young_enough(late: int, started: int) -> None:
    on_cron("0 9 * * *", at=NINE - HOUR, catch_up=60)

    assert cron.start_due(NINE + late * MINUTE) == started

    assert len(occurrences("missed")) == 1 - started
    assert Alert.objects.filter(kind="missed").exists() is (not started)


def test_the_collections_plan_catches_up_for_twelve_hours() -> None:
    on_cron("0 9 * * *", at=NINE - HOUR, catch_up=720)

    assert cron.start_due(NINE + 12 * HOUR) == 1


def test_after_days_of_downtime_only_the_newest_runs() -> None:
    on_cron("22,37,52 * * * *", at=NINE - 3 * DAY)
    cron.start_due(NINE - 3 * DAY + 30 * MINUTE)

    assert cron.start_due(NINE) == 1

    alert = Alert.objects.get(kind="missed")
    assert occurrences("started")[1:] == [NINE - 8 * MINUTE]
    assert len(occurrences("missed")) == 3 * 24 * 3 - 2
    assert "214 occurrences were missed" in alert.message


def test_missed_occurrences_are_not_replayed_later() -> None:
    on_cron("22,37,52 * * * *", at=NINE - 3 * DAY)
    cron.start_due(NINE)

    assert cron.start_due(NINE + MINUTE) == 0
    assert len(runs()) == 1


def test_a_catch_up_of_no_time_still_runs_what_is_due_now() -> None:
    on_cron("0 9 * * *", at=NINE - HOUR, catch_up=0)

    assert cron.start_due(NINE + MINUTE) == 1


def test_a_paused_contract_starts_nothing_and_catches_nothing_up() -> None:
    row = on_cron("0 * * * *", at=NINE - HOUR)
    WorkflowContract.objects.filter(pk=row.pk).update(paused=True)
    cron.start_due(NINE)
    cron.start_due(NINE + HOUR)
    WorkflowContract.objects.filter(pk=row.pk).update(paused=False)

    cron.start_due(NINE + HOUR + MINUTE)

    assert runs() == []
    assert not Alert.objects.exists()
    assert cron.start_due(NINE + 2 * HOUR) == 1


def test_a_new_contract_starts_nothing_for_the_past() -> None:
    on_cron("* * * * *", at=NINE)

    assert cron.start_due(NINE) == 0
    assert cron.start_due(NINE + MINUTE) == 1


def test_a_contract_that_is_not_active_starts_nothing() -> None:
    row = on_cron("0 9 * * *", at=NINE - HOUR)
    WorkflowContract.objects.filter(pk=row.pk).update(active=False)

    assert cron.start_due(NINE) == 0


@pytest.mark.parametrize("clock", [MINUTE, -MINUTE])
def test_a_clock_that_is_set_back_starts_nothing_twice(clock: timedelta) -> None:
    on_cron("0 9 * * *", at=NINE - HOUR)
    cron.start_due(NINE + 2 * MINUTE)

    cron.start_due(NINE + clock)
    cron.start_due(NINE + 3 * MINUTE)

    assert len(runs()) == 1


@pytest.mark.django_db(transaction=True)
def test_clusters_that_tick_at_once_start_one_run(shared_database: None) -> None:
    on_cron("0 9 * * *", at=NINE - HOUR)

    def tick_once() -> int:
        try:
            return cron.start_due(NINE)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda _: tick_once(), range(4)))

    assert sorted(started) == [0, 0, 0, 1]
    assert WorkflowRun.objects.count() == 1


# --- a clock that was ahead -------------------------------------------------------------------------------------------


def test_after_a_clock_was_ahead_each_occurrence_of_now_starts() -> None:
    on_cron("0 * * * *", at=NINE - HOUR)
    cron.start_due(NINE + 300 * DAY)  # records 7,200 as missed, and starts one
    assert len(runs()) == 1

    started = [cron.start_due(NINE + hour * HOUR) for hour in range(4)]

    assert started == [1, 1, 1, 1]
    assert occurrences("started") == [*(NINE + hour * HOUR for hour in range(4)), NINE + 300 * DAY]
    assert NINE not in occurrences("missed")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what is stored")
def test_what_a_clock_left_is_looked_for_after_the_last_one_only() -> None:
    """Not among the occurrences of the years before."""
    on_cron("0 * * * *", at=NINE - HOUR)
    cron.start_due(NINE)

    found: list[Step] = []
    with steps(found):
        cron.start_due(NINE + HOUR)

    looked = [step.how for step in found if step.sql.startswith("DELETE") and "cron_occurrences" in step.sql]
    assert looked != []
    assert all("scheduled_for>? AND scheduled_for<?" in how for how in looked)


def test_what_a_clock_that_was_ahead_started_is_not_started_again_when_its_moment_comes() -> None:
    on_cron("0 9 * * *", at=NINE - HOUR)
    cron.start_due(NINE + 3 * DAY)

    started = [cron.start_due(NINE + day * DAY) for day in range(5)]

    assert started == [1, 1, 1, 0, 1]
    assert len(runs()) == 5


def test_what_is_missed_after_a_clock_was_ahead_is_recorded_and_told_once() -> None:
    on_cron("0 * * * *", at=NINE - HOUR)
    cron.start_due(NINE + 300 * DAY)
    Alert.objects.all().delete()

    cron.start_due(NINE + 5 * HOUR)
    cron.start_due(NINE + 5 * HOUR + MINUTE)

    assert occurrences("started")[0] == NINE + 5 * HOUR
    assert occurrences("missed")[:5] == [NINE + hour * HOUR for hour in range(5)]
    assert (Alert.objects.get().count, Alert.objects.get().message[:30]) == (1, "clock: 5 occurrences were miss")


def test_a_pause_after_a_clock_was_ahead_is_exact() -> None:
    on_cron("0 * * * *", at=NINE - HOUR)
    cron.start_due(NINE + 300 * DAY)
    row = WorkflowContract.objects.get()

    cron.skip_due(row, NINE + MINUTE)

    assert cron.start_due(NINE + 2 * MINUTE) == 0
    assert NINE in occurrences("missed")

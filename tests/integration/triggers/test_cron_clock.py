"""QUALITY.md test 18 with real ticks: around each change of the clock a cron starts once per occurrence."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random

import pytest
from django.db import connection

from tests.crons import CHANGING_ZONES, CONTRACT_CRONS, MINUTE, changes, due_by_the_clock
from tests.integration.triggers.small import on_cron, runs
from workflows_app.models import Alert, CronOccurrence
from workflows_app.triggers import cron
from workflows_app.triggers.tick import tick

pytestmark = [pytest.mark.once, pytest.mark.django_db]
HOUR = timedelta(hours=1)
AROUND = [(zone, change) for zone in CHANGING_ZONES for change in changes(zone)]
around_each_change = pytest.mark.parametrize(("zone", "change"), AROUND, ids=[f"{z}-{c:%m-%d}" for z, c in AROUND])
# The contracts' own, one that is skipped or repeated somewhere, and one of the last days of a month.
TABLE = {f"clock_{number}": line for number, line in enumerate((*CONTRACT_CRONS, "30 1,2 * * *", "0 0 28-31 * *"))}


def release_all(zone: str, at: datetime) -> None:
    for name, line in TABLE.items():
        on_cron(line, name=name, at=at, tz=zone)


def expected(zone: str, after: datetime, until: datetime) -> dict[str, list[datetime]]:
    return {name: due_by_the_clock(line, zone, after, until) for name, line in TABLE.items()}


def recorded(**conditions: str) -> dict[str, list[datetime]]:
    rows = CronOccurrence.objects.filter(**conditions).order_by("scheduled_for")
    return {name: [row.scheduled_for for row in rows if row.workflow_type == name] for name in TABLE}


def each_run_once(found: dict[str, list[datetime]]) -> bool:
    """One run per recorded occurrence, and no other."""
    return Counter(run.workflow_type for run in runs()) == Counter({name: len(due) for name, due in found.items()})


@around_each_change
def test_ticks_minute_by_minute_start_each_occurrence_once(zone: str, change: datetime) -> None:
    start, end = change - 70 * MINUTE, change + 70 * MINUTE
    release_all(zone, start)

    for minute in range(141):
        tick(start + minute * MINUTE)

    found = recorded(status="started")
    assert found == expected(zone, start, end)
    assert each_run_once(found)
    assert not Alert.objects.exists()


@around_each_change
def test_ticks_that_are_repeated_and_out_of_order_start_nothing_twice(zone: str, change: datetime) -> None:
    start, end = change - 3 * HOUR, change + 3 * HOUR
    release_all(zone, start)
    random = Random(f"{zone} {change}")
    moments = [start + number * 20 * MINUTE for number in range(18)]

    for now in [*random.choices(moments, k=25), end, start, end]:
        cron.start_due(now)

    assert recorded() == expected(zone, start, end)
    assert each_run_once(recorded(status="started"))


@around_each_change
def test_after_downtime_over_the_change_the_newest_starts_and_the_rest_is_missed(zone: str, change: datetime) -> None:
    start, end = change - 26 * HOUR, change + 40 * MINUTE
    release_all(zone, start)

    cron.start_due(end)
    cron.start_due(end + timedelta(seconds=30))

    due = expected(zone, start, end)
    young = {name: moments[-1:] for name, moments in due.items() if moments and end - moments[-1] <= HOUR}
    assert recorded() == due
    assert {name: moments for name, moments in recorded(status="started").items() if moments} == young
    assert each_run_once(young)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", changes("Australia/Lord_Howe"), ids=["back", "forward"])
def test_two_schedulers_at_once_start_each_occurrence_once(shared_database: None, change: datetime) -> None:
    start, end = change - HOUR, change + HOUR
    release_all("Australia/Lord_Howe", start)
    ticks = [start + number * 15 * MINUTE for number in range(9)]

    def scheduler(_: int) -> None:
        try:
            for now in ticks:
                cron.start_due(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(scheduler, range(2)))

    cron.start_due(end)
    assert recorded() == expected("Australia/Lord_Howe", start, end)
    assert each_run_once(recorded(status="started"))

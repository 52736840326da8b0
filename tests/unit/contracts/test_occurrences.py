"""QUALITY.md test 18, the calendar: every cron in every zone over both changes of the clock, against a slow clock."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crons import CHANGING_ZONES, CONTRACT_CRONS, CRONS, MINUTE, ZONES, changes, due_by_the_clock
from workflows_app.contracts.occurrences import CronError, check_cron, occurrences
from workflows_app.contracts.trigger import CronTrigger

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AROUND = [(zone, change) for zone in CHANGING_ZONES for change in changes(zone)]
around_each_change = pytest.mark.parametrize(("zone", "change"), AROUND, ids=[f"{z}-{c:%m-%d}" for z, c in AROUND])


def due(cron: str, zone: str, after: datetime, until: datetime) -> list[datetime]:
    return occurrences(CronTrigger(kind="cron", cron=cron, tz=zone), after, until)


def started(cron: str, zone: str, since: datetime, ticks: Iterable[datetime]) -> list[datetime]:
    """What a scheduler starts that looks at these moments and remembers the last occurrence."""
    done = [since]
    for now in ticks:
        done += due(cron, zone, done[-1], now)
    return done[1:]


def test_there_are_contracts_with_a_cron_and_two_changes_in_each_zone() -> None:
    assert len(CONTRACT_CRONS) >= 2
    assert [len(changes(zone)) for zone in CHANGING_ZONES] == [2] * 5


@around_each_change
def test_each_local_time_around_a_change_comes_due_once(zone: str, change: datetime) -> None:
    start, end = change - 30 * HOUR, change + 30 * HOUR

    for cron in CRONS:
        assert due(cron, zone, start, end) == due_by_the_clock(cron, zone, start, end), cron


@around_each_change
def test_looking_each_minute_finds_the_same(zone: str, change: datetime) -> None:
    start, end = change - 90 * MINUTE, change + 90 * MINUTE
    minutes = [start + minute * MINUTE for minute in range(181)]

    for cron in CRONS:
        assert started(cron, zone, start, minutes) == due_by_the_clock(cron, zone, start, end), cron


@around_each_change
def test_looking_late_twice_and_out_of_order_finds_the_same(zone: str, change: datetime) -> None:
    start, end = change - 4 * HOUR, change + 4 * HOUR
    random = Random(f"{zone} {change}")
    moments = [start + random.random() * (end - start) for _ in range(40)] + [end]

    for cron in CRONS:
        looks = [*random.choices(moments, k=60), end, start]
        assert started(cron, zone, start, looks) == due_by_the_clock(cron, zone, start, end), cron


@settings(deadline=None)
@given(
    st.sampled_from(CRONS),
    st.sampled_from(ZONES),
    st.lists(st.integers(0, 60 * 24 * 60), min_size=3, max_size=3),
)
def test_two_looks_in_a_row_find_what_one_finds(cron: str, zone: str, minutes: list[int]) -> None:
    first, second, third = (datetime(2026, 3, 1, tzinfo=UTC) + each * MINUTE for each in sorted(minutes))

    assert due(cron, zone, first, second) + due(cron, zone, second, third) == due(cron, zone, first, third)


@pytest.mark.parametrize("zone", ZONES)
def test_a_daily_cron_comes_due_on_every_local_day_of_a_year_once(zone: str) -> None:
    new_year = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone))

    for cron in ("0 6 * * *", "30 2 * * *", "0 0 * * *", "30 1 * * *"):
        moments = due(cron, zone, new_year - MINUTE, new_year.replace(year=2027) - MINUTE)
        days = Counter(moment.astimezone(ZoneInfo(zone)).date() for moment in moments)
        assert len(days) == 365, cron
        assert set(days.values()) == {1}, cron


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", [29, 30, 31])
def test_the_last_days_of_a_month_come_due_in_the_months_that_have_them(zone: str, day: int) -> None:
    new_year = datetime(2027, 1, 1, tzinfo=ZoneInfo(zone))

    moments = due(f"0 6 {day} * *", zone, new_year, new_year.replace(year=2029))

    local = [moment.astimezone(ZoneInfo(zone)).date() for moment in moments]
    assert local == [each for each in _days(date(2027, 1, 1), 731) if each.day == day]


def _days(first: date, count: int) -> list[date]:
    return [first + number * DAY for number in range(count)]


def on(day: str, cron: str, zone: str) -> list[str]:
    """The due moments of one local day, as day and time in UTC."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    return [f"{moment:%d %H:%M}" for moment in due(cron, zone, midnight - MINUTE, midnight + DAY - MINUTE)]


def test_six_in_new_york_moves_with_the_clock() -> None:
    assert on("2026-03-07", "0 6 * * *", "America/New_York") == ["07 11:00"]
    assert on("2026-03-08", "0 6 * * *", "America/New_York") == ["08 10:00"]
    assert on("2026-11-01", "0 6 * * *", "America/New_York") == ["01 11:00"]


def test_a_time_that_is_skipped_runs_once_right_after_the_jump() -> None:
    assert on("2026-03-08", "30 2 * * *", "America/New_York") == ["08 07:00"]
    assert on("2026-03-08", "0,15,30 2 * * *", "America/New_York") == ["08 07:00"]
    assert on("2026-10-04", "15 2 * * *", "Australia/Lord_Howe") == ["03 15:30"]


def test_a_time_that_comes_twice_runs_the_first_time() -> None:
    assert on("2026-11-01", "30 1 * * *", "America/New_York") == ["01 05:30"]
    assert on("2026-04-05", "45 1 * * *", "Australia/Lord_Howe") == ["04 14:45"]


def test_every_half_hour_goes_on_where_the_clock_shifts_by_half_an_hour() -> None:
    after = datetime(2026, 10, 3, 14, 0, tzinfo=UTC)

    found = due("30 * * * *", "Australia/Lord_Howe", after, after + 3 * HOUR)

    assert [f"{moment:%H:%M}" for moment in found] == ["15:00", "15:30", "16:30"]


# --- crons that never come due ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cron", ["0 0 31 2 *", "0 0 30,31 2 *", "0 0 31 4,6,9,11 *", "0 0 */30 2 1#5", "0 0 */30 2 1L"]
)
def test_a_cron_that_never_comes_due_is_refused(cron: str) -> None:
    with pytest.raises(CronError, match=r"Bad day-of-month|never comes due"):
        check_cron(cron)


@pytest.mark.parametrize("cron", ["0 0 29 2 *", "0 0 * 2 1#5", "0 0 30 2 1", *CRONS])
def test_a_cron_that_comes_due_some_day_is_taken(cron: str) -> None:
    check_cron(cron)


@pytest.mark.parametrize("cron", ["", "* * * *", "* * * * * *", "60 * * * *", "* * * * 1/" + "9" * 5000, "@daily"])
def test_what_is_no_cron_expression_is_refused(cron: str) -> None:
    with pytest.raises(CronError, match=r"has \d fields|is no cron expression"):
        check_cron(cron)


def test_a_cron_that_waits_for_years_is_looked_up_at_once() -> None:
    after = datetime(2029, 1, 1, tzinfo=UTC)

    assert due("0 0 29 2 *", "UTC", after, after.replace(year=2036)) == [datetime(2032, 2, 29, tzinfo=UTC)]

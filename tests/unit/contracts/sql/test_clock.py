"""`datetime('now', …)` computed here must be what SQLite computes."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows_app.contracts.sql import clock

FIRST = datetime(1900, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 31, 12, 30, 15, 999, tzinfo=UTC)
_plural = st.sampled_from(["", "s"])
_amounts = st.builds(
    "{:+d} {}{}".format, st.integers(-400, 400), st.sampled_from(["second", "minute", "hour", "day", "month"]), _plural
) | st.builds("{:+d} year{}".format, st.integers(-200, 200), _plural)  # four of them stay within the calendar
_places = st.sampled_from(["start of day", "start of month", "start of year", "weekday 0", "weekday 3", "weekday 6"])
_moments = st.integers(0, 300 * 365 * 86_400).map(lambda seconds: FIRST + timedelta(seconds=seconds))


def computed(now: datetime, *modifiers: str) -> str:
    """The moment as SQLite prints it."""
    shifts = [clock.shift_for(modifier) for modifier in modifiers]
    return clock.moment(now, tuple(shift for shift in shifts if shift)).replace(tzinfo=None).isoformat(" ")


@given(_moments, st.lists(_amounts | _places, max_size=4))
def test_any_modifiers_move_a_moment_as_sqlite_does(now: datetime, modifiers: list[str]) -> None:
    with sqlite3.connect(":memory:") as connection:
        query = f"SELECT datetime({', '.join('?' * (len(modifiers) + 1))})"
        (expected,) = connection.execute(query, [f"{now:%Y-%m-%d %H:%M:%S}", *modifiers]).fetchone()
    connection.close()

    assert computed(now, *modifiers) == expected


@pytest.mark.parametrize(
    ("modifiers", "expected"),
    [
        ([], "2026-03-31 12:30:15"),
        (["-2 hours"], "2026-03-31 10:30:15"),
        (["+1 month"], "2026-05-01 12:30:15"),
        (["-1 month"], "2026-03-03 12:30:15"),
        (["start of month", "-1 day"], "2026-02-28 00:00:00"),
        (["Start Of Year"], "2026-01-01 00:00:00"),
        (["weekday 2"], "2026-03-31 12:30:15"),
    ],
)
def test_modifiers_apply_from_left_to_right(modifiers: list[str], expected: str) -> None:
    assert computed(NOW, *modifiers) == expected


@pytest.mark.parametrize(
    "text", ["localtime", "utc", "1 fortnight", "-2hours", "--1 day", "unixepoch", "", "9999999 days"]
)
def test_another_modifier_is_not_known(text: str) -> None:
    assert clock.shift_for(text) is None


def test_the_moment_is_in_utc_whatever_the_zone_of_now() -> None:
    assert computed(NOW.astimezone(timezone(timedelta(hours=-5)))) == "2026-03-31 12:30:15"

"""The account's zone: every moment comes back; a window never begins too late, whichever zone NetSuite compares in."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from workflows_app.netsuite.errors import SettingsError
from workflows_app.netsuite.sync.zone import AccountZone

ZONES = ["America/New_York", "America/Los_Angeles", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"]
NEW_YORK = AccountZone(ZoneInfo("America/New_York"))
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)


def shown(moment: datetime, zone: ZoneInfo) -> str:
    """What a query shows to somebody of a zone."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


@given(zones, moments)
def test_what_a_query_shows_is_the_moment_it_was(zone: ZoneInfo, moment: datetime) -> None:
    account = AccountZone(zone)

    read = account.moment(shown(moment, zone))

    assert read == moment or (account.comes_twice(moment) and read == moment - timedelta(hours=1))


@given(zones, zones, moments)
def test_a_window_never_begins_after_the_change_it_must_hold(
    mine: ZoneInfo, theirs: ZoneInfo, moment: datetime
) -> None:
    if abs(mine.utcoffset(moment) - theirs.utcoffset(moment)) <= timedelta(hours=23):
        assert AccountZone(mine).window_start(moment) <= shown(moment, theirs)


def test_the_hour_that_comes_twice_is_known() -> None:
    first, second = datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)

    assert shown(first, NEW_YORK.zone) == shown(second, NEW_YORK.zone)
    assert NEW_YORK.comes_twice(first)
    assert NEW_YORK.comes_twice(second)
    assert not NEW_YORK.comes_twice(second + timedelta(hours=1))


def test_the_day_is_the_one_on_the_accounts_calendar() -> None:
    assert NEW_YORK.today(datetime(2026, 9, 15, 3, tzinfo=UTC)) == date(2026, 9, 14)


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd"])
def test_a_zone_that_does_not_exist_is_a_settings_error(settings: Settings, name: str) -> None:
    settings.NETSUITE = {**settings.NETSUITE, "TIME_ZONE": name}

    with pytest.raises(SettingsError, match="there is no time zone"):
        AccountZone.configured()

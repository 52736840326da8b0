"""Ages in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from workflows_app.presentation import moments

NOW = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=59), "under a minute"),
        (timedelta(minutes=45), "45 min"),
        (timedelta(hours=3, minutes=5, seconds=9), "3 h 5 min"),
        (timedelta(days=2, minutes=1), "2 d 1 min"),
    ],
)
def test_a_length_of_time_has_at_most_two_units(length: timedelta, said: str) -> None:
    assert moments.span(length) == said


def test_past_and_future_are_told_apart() -> None:
    assert moments.age(NOW - timedelta(hours=1), NOW) == "1 h ago"
    assert moments.age(NOW + timedelta(hours=1), NOW) == "in 1 h"
    assert moments.left(NOW + timedelta(hours=1), NOW) == "1 h left"
    assert moments.left(NOW - timedelta(hours=1), NOW) == "1 h past"


def test_a_moment_is_said_in_office_time_and_never_without_its_zone() -> None:
    with timezone.override(ZoneInfo("America/New_York")):
        assert moments.said(NOW) == "14 Sep 2026 08:00 EDT"
        assert moments.said(NOW + timedelta(days=90)) == "13 Dec 2026 07:00 EST"

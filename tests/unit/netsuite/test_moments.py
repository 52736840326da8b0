"""When NetSuite says that a record was changed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workflows_app.netsuite.moments import last_modified, later

NOON = datetime(2026, 9, 14, 12, tzinfo=UTC)
TICK = timedelta(milliseconds=400)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-09-14T12:00:00Z", NOON),
        ("2026-09-14T12:00:00.000Z", NOON),
        ("2026-09-14T08:00:00-04:00", NOON),
        ("2026-09-14T12:00:00", NOON),
        ("soon", None),
        (None, None),
    ],
)
def test_a_moment_is_read(value: Any, moment: datetime | None) -> None:
    assert last_modified({"lastModifiedDate": value}) == moment


@pytest.mark.parametrize(
    ("moment", "known", "answer"),
    [
        (NOON + timedelta(seconds=1), NOON, True),
        (NOON, NOON, False),
        (NOON - timedelta(days=1), NOON, False),
        (NOON + TICK, NOON, False),
        (NOON + 2 * TICK, NOON + TICK, True),
        (None, NOON, False),
        (NOON, None, False),
    ],
)
def test_later_knows_that_some_tell_whole_seconds_only(
    moment: datetime | None, known: datetime | None, answer: bool
) -> None:
    assert later(moment, known) is answer

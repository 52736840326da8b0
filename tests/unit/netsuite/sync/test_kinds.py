"""What passes read: every query can be paged by its key, and every part has a name of its own to go on from."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from workflows_app.netsuite.sync.kinds import CHANGES, FULL, HOT, KINDS, NIGHTLY, stages
from workflows_app.netsuite.sync.stages import Asked, Rows, Stage
from workflows_app.netsuite.sync.zone import AccountZone

ZONE = AccountZone(ZoneInfo("America/New_York"))
SINCE = datetime(2026, 9, 14, 12, tzinfo=UTC)


def parts(kind: str, since: datetime | None = SINCE) -> list[Stage]:
    """The parts of a pass."""
    return list(stages(kind, since, ZONE))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("since", [None, SINCE])
def test_a_part_is_known_by_its_name(kind: str, since: datetime | None) -> None:
    names = [part.name for part in parts(kind, since)]

    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 60


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_parameter_of_every_query_is_the_key(kind: str) -> None:
    for part in parts(kind):
        sql = part.mirror.sql(part.condition if isinstance(part, Rows) else "")
        assert re.search(r"AND (\w+)\.id > \? ORDER BY \1\.id$", sql)
        if isinstance(part, Rows):
            assert sql.count("?") == len(part.params) + 1


def test_changes_begin_a_day_before_the_cursor_in_the_accounts_time() -> None:
    for kind in (HOT, CHANGES):
        windows = {value for part in parts(kind) if isinstance(part, Rows) for value in part.params}
        assert windows == {"2026-09-13 08:00:00"}


def test_without_a_cursor_everything_is_read() -> None:
    assert all(part.params == () for part in parts(CHANGES, None) if isinstance(part, Rows))


@pytest.mark.parametrize(("kind", "asks"), [(HOT, False), (CHANGES, False), (NIGHTLY, True), (FULL, True)])
def test_only_whole_readings_look_for_what_is_gone(kind: str, asks: bool) -> None:
    assert any(isinstance(part, Asked) for part in parts(kind)) is asks


def test_what_others_refer_to_is_read_first() -> None:
    order = [part.name for part in parts(FULL)]

    assert order.index("payment_terms") < order.index("customers") < order.index("transactions")
    assert order.index("vendors") < order.index("spec_items")

"""Crons, zones and the changes of their clocks, and a slow clock that knows Debian cron's rules by watching minutes."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

MINUTE = timedelta(minutes=1)
# North and south, whole and half hours, zones that are no whole hours from UTC, a change at midnight.
CHANGING_ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Pacific/Chatham")
ZONES = (*CHANGING_ZONES, "UTC", "Asia/Kolkata")


def _contract_crons() -> tuple[str, ...]:
    folder = Path(__file__).parents[1] / "fixtures/contracts"
    triggers = [yaml.safe_load(path.read_text("utf-8"))["trigger"] for path in sorted(folder.glob("*.yaml"))]
    return tuple(dict.fromkeys(trigger["cron"] for trigger in triggers if trigger["kind"] == "cron"))


CONTRACT_CRONS = _contract_crons()
CRONS = (
    *CONTRACT_CRONS,
    *("30 2 * * *", "15 2 * * *", "30 1 * * *", "0 2,3 * * *", "0,15,30,45 1,2 * * *", "0 1-3 * * *", "45 23 * * *"),
    *("0 0 * * *", "5 0 * * *", "0 0 29-31 * *", "30 2 29-31 * *", "0 2 * * 0", "30 1 31 * 0"),
    *("0 * * * *", "30 * * * *", "*/30 * * * *", "0 */2 * * *", "*/10 2 * * *", "* 2 * * *", "50-59 * * * *"),
)


@cache
def changes(zone: str, year: int = 2026) -> tuple[datetime, ...]:
    """The first moment after each change of the zone's clock."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    moments = [start + number * timedelta(minutes=30) for number in range(365 * 48)]
    return tuple(now for now in moments if _offset(now, zone) != _offset(now - MINUTE, zone))


def _offset(moment: datetime, zone: str) -> timedelta | None:
    return moment.astimezone(ZoneInfo(zone)).utcoffset()


def due_by_the_clock(cron: str, zone: str, after: datetime, until: datetime) -> list[datetime]:
    """The due moments in (after, until], found by looking at the clock on the wall each minute.

    Debian cron: with `*` as minute or hour, what the wall shows counts, whenever it does. Else a time that the wall
    skips is made up for at once, and one that it shows again is not done again.
    """
    wild = any(field.startswith("*") for field in cron.split()[:2])
    due: list[datetime] = []
    shown: set[datetime] = set()
    now = after - timedelta(hours=26)
    wall = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    while now < until:
        before, now = wall, now + MINUTE
        wall = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        skipped = [before + MINUTE * step for step in range(1, (wall - before) // MINUTE)]
        if _fits(cron, wall) if wild else any(_fits(cron, each) for each in {*skipped, wall} - shown):
            due.append(now)
        shown.add(wall)
    return [moment for moment in due if moment > after]


@cache
def _fits(cron: str, wall: datetime) -> bool:
    minute, hour, day, month, weekday = cron.split()
    if not (_in(minute, wall.minute, 60) and _in(hour, wall.hour, 24) and _in(month, wall.month, 13)):
        return False
    days = _in(day, wall.day, 32), _in(weekday, _sunday_is_0(wall), 7)
    return all(days) if day.startswith("*") or weekday.startswith("*") else any(days)


def _sunday_is_0(day: date) -> int:
    return day.isoweekday() % 7


def _in(field: str, value: int, end: int) -> bool:
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        low, high = (0, end) if span == "*" else (int(first), int(last or first))
        if low <= value <= high and (value - low) % int(step or 1) == 0:
            return True
    return False

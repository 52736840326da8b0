"""When a cron trigger is due: Debian cron's rules for summer time, on cronsim's reading of the five fields.

cronsim walks through local times without a zone here. Its own walk through a zone loses occurrences where the clock
shifts by half an hour, or in the middle of an hour (Lord Howe, Chatham): every such half hour is a run that never was.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from workflows_app.contracts.trigger import CronTrigger

# No zone sets its clock back by more: local times this much earlier may still come.
_LONGEST_SHIFT: Final = timedelta(hours=3)
_MINUTE: Final = timedelta(minutes=1)


class CronError(ValueError):
    """A cron expression that cannot be read, or that no day of any year fits; the message says which."""


def check_cron(cron: str) -> None:
    """Refuse what is no cron expression of five fields or never comes due. Raises `CronError`."""
    fields = len(cron.split())
    if fields != 5:
        raise CronError(f"has {fields} fields; a cron expression has five")
    try:
        first = next(CronSim(cron, datetime(2026, 1, 1)), None)  # noqa: DTZ001 a local time
    except (CronSimError, ValueError) as error:  # also for days that no month has
        raise CronError(f"is no cron expression: {error}") from error
    if first is None:  # cronsim looks fifty years ahead, month by month
        raise CronError("never comes due: no day of the next fifty years fits")


def occurrences(trigger: CronTrigger, after: datetime, until: datetime) -> list[datetime]:
    """The due moments in (after, until], oldest first, in UTC.

    A cron whose minute or hour begins with `*` goes by the time that passes: it does not run in a skipped hour, and
    runs in each of two repeated ones. Any other names local times: a skipped one runs once, right after the jump, and
    a repeated one runs the first time.
    """
    zone = ZoneInfo(trigger.tz)
    wild = any(field.startswith("*") for field in trigger.cron.split()[:2])
    due = {moment for local in _local_times(trigger.cron, zone, after, until) for moment in _moments(local, zone, wild)}
    return sorted(moment for moment in due if after < moment <= until)


def first_occurrence(trigger: CronTrigger, after: datetime, until: datetime) -> datetime | None:
    """The first due moment in (after, until]; looks only as far as it must."""
    span = timedelta(days=1)
    while after < until:
        end = min(until, after + span)
        found = occurrences(trigger, after, end)
        if found:
            return found[0]
        after, span = end, span * 2
    return None


def _local_times(cron: str, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """The fitting local times around (after, until], without a zone."""
    first = after.astimezone(zone).replace(tzinfo=None) - _LONGEST_SHIFT
    last = until.astimezone(zone).replace(tzinfo=None) + _LONGEST_SHIFT
    return takewhile(lambda local: local <= last, CronSim(cron, first))


def _moments(local: datetime, zone: ZoneInfo, wild: bool) -> set[datetime]:
    """When a local time comes: once, never (skipped) or twice (repeated)."""
    if not _exists(local, zone):
        return set() if wild else {_after_the_jump(local, zone)}
    folds = (0, 1) if wild else (0,)
    return {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in folds}


def _exists(local: datetime, zone: ZoneInfo) -> bool:
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local


def _after_the_jump(local: datetime, zone: ZoneInfo) -> datetime:
    while not _exists(local, zone):
        local += _MINUTE
    return local.replace(tzinfo=zone).astimezone(UTC)

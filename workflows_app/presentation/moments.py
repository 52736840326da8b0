"""Ages and remaining times in words, short enough for a list."""

from datetime import datetime, timedelta

from django.utils.formats import localize
from django.utils.timezone import localtime

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def span(length: timedelta) -> str:
    """A length of time in its two largest units: `2 d 3 h`, `45 min`, `under a minute`."""
    seconds = int(abs(length).total_seconds())
    parts: list[str] = []
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "under a minute"


def age(moment: datetime, now: datetime) -> str:
    """How long ago."""
    return f"{span(now - moment)} ago" if moment <= now else f"in {span(moment - now)}"


def left(moment: datetime, now: datetime) -> str:
    """How long until."""
    return f"{span(moment - now)} left" if moment > now else f"{span(now - moment)} past"


def said(moment: datetime) -> str:
    """The moment as pages write it: `21 Nov 2026 07:05 EST`."""
    return str(localize(localtime(moment)))

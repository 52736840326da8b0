"""What was written while the clock was ahead: a moment that no clock of today can have written is as good as none.

Without this a clock that was ahead for one pass, and was then corrected, would stop leases, heartbeats and schedules
until that moment comes.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q

# Clocks of hosts, and of passes that take their time, differ by less.
AHEAD: Final = timedelta(minutes=5)


def lease() -> timedelta:
    """How long a worker that says nothing keeps the run that it took (`LEASE_SECONDS`)."""
    return timedelta(seconds=settings.LEASE_SECONDS)


def nobody_has(now: datetime, length: timedelta) -> Q:
    """Rows without a lease at `now`: none, one that is over, or one further away than twice its `length`."""
    past = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    return past | Q(lease_until__gt=now + 2 * length)


def somebody_has(until: datetime | None, now: datetime, length: timedelta) -> bool:
    """The opposite of `nobody_has`, of a row that was read: whether a lease `until` then holds at `now`."""
    return until is not None and now < until <= now + 2 * length

"""What was written while the clock was ahead: a moment that no clock of today can have written is as good as none.

Without this a clock that was ahead for one pass, and was then corrected, would stop leases, heartbeats and schedules
until that moment comes.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Q

# Clocks of hosts, and of passes that take their time, differ by less.
AHEAD: Final = timedelta(minutes=5)
# What a row has that nobody has taken.
NO_LEASE: Final[Mapping[str, Any]] = {"lease_owner": "", "lease_until": None}


def ahead(field: str, now: datetime) -> Q:
    """Rows in whose `field` a clock wrote a moment that none of today can have written; not those where it is empty."""
    return Q(**{f"{field}__gt": now + AHEAD})


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

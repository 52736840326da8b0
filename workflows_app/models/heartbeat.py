"""When each regular pass last ended well: what has stopped cannot report itself."""

from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.db.models import Q

from workflows_app.models.ahead import ahead

# Beside the regular passes (triggers/silence.py):
SET_UP: Final = "set_up"  # when `set_up` ran last; before the first pass everything counts from here
AWAKE: Final = "awake"  # since when ticks have come without a long gap; verify and deliver count from here
ALERT_MAIL: Final = "alert_mail"  # when the last mail of alerts began
DEADMAN: Final = "deadman"  # when the dead-man URL was asked last
STARTED: Final = "started"  # when a cluster that started rang last
LEASES: Final = "leases"  # when somebody will look whether a lease is over
_ABOUT_THEN: Final = timedelta(seconds=1)


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    """Each is one short statement, so that a pass needs no transaction for them.

    A heartbeat that is more than five minutes ahead of `now` (`AHEAD`) is unknown: a clock was wrong.
    """

    def beat(self, name: str, now: datetime) -> None:
        """Write down that a pass ended well. A late task never sets the clock back."""
        if self.filter(name=name).exists():
            self.filter(Q(at__lt=now) | ahead("at", now), name=name).update(at=now)
        else:
            self.bulk_create([Heartbeat(name=name, at=now)], ignore_conflicts=True)

    def take_turn(self, name: str, now: datetime, *, since: datetime) -> bool:
        """Be the one who does `name` now: True for one caller when nobody did after `since`, else False."""
        if self.filter(Q(at__lt=since) | ahead("at", now), name=name).update(at=now):
            return True
        _, created = self.get_or_create(name=name, defaults={"at": now})
        return created

    def appoint(self, name: str, at: datetime, *, after: datetime) -> bool:
        """Let `name` happen at `at`: True for the one caller who sees to it, False when it will after `after` anyhow.

        What was appointed for `after` or earlier is over, or was lost. What was for later than `at` comes once more.
        """
        before = Q(at__gt=after, at__lte=at + _ABOUT_THEN)
        if self.filter(before, name=name).exists():
            return False
        if self.filter(~before, name=name).update(at=at):
            return True
        _, created = self.get_or_create(name=name, defaults={"at": at})
        return created

    def give_back(self, name: str, taken: datetime, before: datetime) -> None:
        """Let the next caller have the turn that was taken at `taken`: nothing came of it."""
        self.filter(name=name, at=taken).update(at=before)


class Heartbeat(models.Model):
    """One row per regular pass (`tick`, `deliver` and others), and a few more moments that must be remembered."""

    name = models.CharField(primary_key=True, max_length=40)
    at = models.DateTimeField()

    objects = HeartbeatQuerySet.as_manager()

    class Meta:
        db_table = "heartbeats"
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"

"""The one door to django-q2. A task is a doorbell: it carries a run id at most, and any may come twice, late or never.

The queue row is written in the caller's transaction, so a doorbell rings exactly when its change is committed.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import Schedule
from django_q.tasks import async_task


class _Later(ORM):  # type: ignore[misc]
    """The ORM broker, for a task that must not start before a delay is over (a queue row with a future lock)."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__()
        self._delay = delay

    def enqueue(self, task: str) -> Any:
        """Write the queue row."""
        row = self.get_connection().create(key=self.list_key, payload=task, lock=timezone.now() + self._delay)
        return row.pk


def ring(task: str, *arguments: str, delay: timedelta = timedelta()) -> None:
    """Ask a worker to run `workflows_app.tasks.<task>`, not before `delay` is over."""
    async_task(f"workflows_app.tasks.{task}", *arguments, q_options={"broker": _Later(delay), "save": False})


# Name, task, minutes between two calls, minute of the day (UTC) from which they are counted.
SCHEDULES = (
    ("countersign-tick", "tick", 1, 0),
    ("countersign-verify", "run_verify", 30, 8),  # at :08 and :38, as the seeds say
    ("countersign-deliver", "deliver", 1, 0),
    ("countersign-sync-receivables", "sync_receivables", 15, 2),
    ("countersign-sync-changes", "sync_changes", 15, 5),
    ("countersign-sync-nightly", "sync_nightly", 24 * 60, 7 * 60 + 20),  # early morning on the account's east coast
)


def set_schedules() -> None:
    """Create or correct the housekeeping schedules; call it when deploying only, names are not unique in django-q2."""
    now = timezone.now()
    for name, task, minutes, start in SCHEDULES:
        Schedule.objects.update_or_create(
            name=name,
            defaults={
                "func": f"workflows_app.tasks.{task}",
                "repeats": -1,
                "schedule_type": Schedule.MINUTES,
                "minutes": minutes,
                "next_run": _next(now, minutes, start),
            },
        )


def _next(now: datetime, minutes: int, start: int) -> datetime:
    """The first call after this moment; a schedule whose time is long past would be called at once."""
    first = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(minutes=start)
    every = timedelta(minutes=minutes)
    return first + every * ((now - first) // every + 1)

"""The one door to django-q2. A task is a doorbell: it carries a run id at most, and any may come twice, late or never.

The queue row is written in the caller's transaction, so a doorbell rings exactly when its change is committed.
"""

import os
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ, Schedule, Task
from django_q.signals import post_execute, pre_execute
from django_q.tasks import async_task

from workflows_app.models import Heartbeat
from workflows_app.models.heartbeat import STARTED

# The folder that `config/cluster.py` watches, with a file for each part of its cluster.
BEATS = "CLUSTER_BEATS"
_KEEP_FAILURES = timedelta(days=7)
_DEAF = timedelta(days=1)
_BATCH = 500
# Its schedules are looked at only half a minute after a cluster has started; one that lives less long would do no pass.
_AT_A_START = ("tick", "deliver")
_BETWEEN_STARTS = timedelta(seconds=30)


def beat(part: str) -> None:
    """This part of the cluster is alive: its file's time is the machine's monotonic clock, which nobody can turn."""
    folder = os.environ.get(BEATS)
    if folder:
        with suppress(OSError):
            os.utime(Path(folder, part), times=(time.monotonic(), time.monotonic()))


class Queue(ORM):  # type: ignore[misc]
    """The ORM broker, whose every part says that it is alive. `Q_CLUSTER` names it."""

    def ping(self) -> bool:
        """The sentinel is about to start its workers: the passes of the schedules come at once.

        Of clusters that start together, or of one that dies again and again, one in half a minute: a pass that kills
        its cluster leaves time for everything else.
        """
        now = timezone.now()
        if Heartbeat.objects.take_turn(STARTED, now, since=now - _BETWEEN_STARTS):
            for task in _AT_A_START:
                ring(task)
        return True

    def dequeue(self) -> Any:
        """The pusher takes the next tasks."""
        beat("pusher")
        return super().dequeue()

    def set_stat(self, key: str, value: str, timeout: int) -> Any:
        """The sentinel has looked after its workers."""
        beat("sentinel")
        return super().set_stat(key, value, timeout)


class _Later(Queue):
    """For a task that must not start before a delay is over (a queue row with a future lock)."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__()
        self._delay = delay

    def enqueue(self, task: str) -> Any:
        """Write the queue row."""
        row = self.get_connection().create(key=self.list_key, payload=task, lock=timezone.now() + self._delay)
        return row.pk


def _begun(**signal: Any) -> None:
    beat("worker")


def _done(**signal: Any) -> None:
    beat("monitor")


pre_execute.connect(_begun, dispatch_uid="beat")
post_execute.connect(_done, dispatch_uid="beat")


def ring(task: str, *arguments: str, delay: timedelta = timedelta()) -> None:
    """Ask a worker to run `workflows_app.tasks.<task>`, not before `delay` is over."""
    async_task(f"workflows_app.tasks.{task}", *arguments, q_options={"broker": _Later(delay), "save": False})


def waiting() -> int:
    """How many doorbells wait for a worker."""
    return int(Queue().queue_size())


def prune(now: datetime) -> int:
    """Remove tasks that failed long ago, and doorbells that no cluster took for a day; how many. A batch at a time.

    Nothing is lost: what failed is in the log, and a scheduler pass rings again for what can still go on.
    """
    old = (
        Task.objects.filter(stopped__lt=now - _KEEP_FAILURES),
        OrmQ.objects.filter(lock__lt=now - _DEAF),
    )
    return sum(_delete(rows) for rows in old)


def _delete(rows: "QuerySet[Any]") -> int:
    batch = list(rows.values_list("pk", flat=True)[:_BATCH])
    return int(rows.model._default_manager.filter(pk__in=batch).delete()[0]) if batch else 0


# Name, task, minutes between two calls, minute of the day (UTC) from which they are counted.
SCHEDULES = (
    ("countersign-tick", "tick", 1, 0),
    ("countersign-verify", "run_verify", 30, 8),  # at :08 and :38, as the seeds say
    ("countersign-deliver", "deliver", 1, 0),
    ("countersign-mail", "poll_mailbox", 1, 0),
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

"""The only writer of a run's status. A change is one conditional UPDATE; every change is appended to the history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from workflows_app.models import RunHistory, WorkflowRun

_ENDS = frozenset({"completed", "partial", "failed", "blocked", "cancelled"})
ALLOWED: Mapping[str, frozenset[str]] = {
    "queued": _ENDS | {"running", "awaiting_approval", "held"},
    "running": _ENDS | {"awaiting_approval", "retrying", "held"},
    "awaiting_approval": _ENDS | {"running", "awaiting_approval", "rejected", "expired"},
    "retrying": _ENDS | {"running", "retrying", "held"},
    "held": frozenset({"running", "cancelled"}),
}


class StaleRunError(Exception):
    """Another worker or a decision changed the run first; nothing was written."""


def create(run: WorkflowRun, *, reason: str) -> bool:
    """Insert a new run with its first history entry; False when its trigger key is known.

    The unique key alone decides: whoever looked first could still be overtaken.
    """
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        return False
    RunHistory.objects.create(run=run, to_status=run.status, reason=reason, at=run.queued_at)
    return True


def change(run: WorkflowRun, status: str, *, now: datetime, reason: str = "", **fields: Any) -> None:
    """Move `run` to `status` and set `fields`, if nobody changed it since it was read. Raises `StaleRunError`."""
    if status not in ALLOWED.get(run.status, frozenset()):
        raise StaleRunError(f"a run that is {run.status} cannot become {status}")
    changed = WorkflowRun.objects.filter(pk=run.pk, status=run.status, fence=run.fence).update(status=status, **fields)
    if changed != 1:
        raise StaleRunError(f"run {run.pk} is no longer {run.status}")
    RunHistory.objects.create(run=run, from_status=run.status, to_status=status, reason=reason, at=now)
    run.status = status
    for name, value in fields.items():
        setattr(run, name, value)

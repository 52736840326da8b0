"""The only writer of a run's status. A change is one conditional UPDATE; every change is appended to the history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from workflows_app.models import RunHistory, WorkflowRun
from workflows_app.models.ahead import NO_LEASE, lease, nobody_has

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
    _write(run, status, now, reason, fields)


def stay(run: WorkflowRun, *, now: datetime, reason: str, **fields: Any) -> None:
    """Set `fields` and append to the history, the status as it is. Raises `StaleRunError`."""
    _write(run, run.status, now, reason, fields)


def seize(run: WorkflowRun, now: datetime) -> None:
    """Take a run that no worker has, for the caller's transaction: whoever still thinks to have it writes nothing more.

    Raises `StaleRunError` when a worker has it, or when it was changed since it was read. A row that is locked is not
    waited for: whoever has it may be waiting for a lock of ours.
    """
    free = WorkflowRun.objects.filter(nobody_has(now, lease()))
    same = free.filter(pk=run.pk, status=run.status, fence=run.fence)
    ours = same.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True).first()
    if ours is None or not same.update(fence=F("fence") + 1, **NO_LEASE):
        raise StaleRunError(f"run {run.pk} is in other hands")
    run.fence, run.lease_owner, run.lease_until = run.fence + 1, "", None


def _write(run: WorkflowRun, status: str, now: datetime, reason: str, fields: Mapping[str, Any]) -> None:
    changed = WorkflowRun.objects.filter(pk=run.pk, status=run.status, fence=run.fence).update(status=status, **fields)
    if changed != 1:
        raise StaleRunError(f"run {run.pk} is no longer {run.status}")
    RunHistory.objects.create(run=run, from_status=run.status, to_status=status, reason=reason, at=now)
    run.status = status
    for name, value in fields.items():
        setattr(run, name, value)

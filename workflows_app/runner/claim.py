"""Claim, renew, release: a worker has a run while its lease lasts, and a late one finds out that it lost it.

A claim is committed before anything is done, so that a worker that dies leaves its lease behind. Whoever claims a run
whose lease ran out counts that death; whoever brings the run any further sets the count back to nothing.
"""

import os
import socket
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, When

from workflows_app.models import Heartbeat, WorkflowRun
from workflows_app.models.ahead import NO_LEASE, lease, nobody_has
from workflows_app.models.heartbeat import LEASES
from workflows_app.models.lock import one_last_try
from workflows_app.models.run import READY
from workflows_app.runner.enqueue import ring
from workflows_app.runner.transitions import StaleRunError

# What a run has when it was brought further and given back.
GIVEN_BACK: Mapping[str, Any] = {**NO_LEASE, "crashes": 0}
# A run that so many workers in a row did not survive is not given to another one.
MOST_CRASHES = 3
_SOON = timedelta(minutes=1)
_CLOCKS_DIFFER = timedelta(seconds=5)
# Workers in a row that died with a run when its last try comes. The latest is not counted yet while its lease is there.
_LAST = MOST_CRASHES - 1
LAST_TRY = Q(crashes__gte=_LAST) | Q(crashes=_LAST - 1, lease_until__isnull=False)
_DEATHS = Case(When(lease_until__isnull=True, then=F("crashes")), default=F("crashes") + 1)


def owner() -> str:
    """A name for one claim: host and process id, as people would find it, and what no other claim has."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def ready(now: datetime) -> "QuerySet[WorkflowRun]":
    """Runs that can go on: not waiting for a moment to come, not leased to a worker."""
    return _free(now).filter(Q(wake_at__isnull=True) | Q(wake_at__lte=now))


def early_by(run_id: str, now: datetime) -> timedelta | None:
    """How long a run has still to wait that may go on within a minute; None when that is not all that it waits for.

    The doorbell of a retry goes by the clock of the host that hears it, the claim by that of the database.
    """
    soon = _free(now).filter(pk=run_id, wake_at__gt=now, wake_at__lte=now + _SOON)
    wake_at = soon.values_list("wake_at", flat=True).first()
    return wake_at - now if wake_at else None


def _free(now: datetime) -> "QuerySet[WorkflowRun]":
    return WorkflowRun.objects.filter(nobody_has(now, lease()), status__in=sorted(READY))


def claim(run_id: str, now: datetime) -> str | None:
    """Take the run, committed at once: the name of the claim, or None when it is not ready or another worker has it.

    A run that two workers in a row did not survive is taken only while no other such run is: when its worker dies, all
    of that cluster do, and the last try must not be lost to another run's death.
    """
    worker = owner()
    with transaction.atomic(durable=True):
        free = ready(now).filter(pk=run_id)
        taken = _take(free.exclude(LAST_TRY), worker, now) or _take_alone(free.filter(LAST_TRY), worker, now)
        if taken:
            watch(now + lease(), now)
    return worker if taken else None


def _take_alone(suspect: "QuerySet[WorkflowRun]", worker: str, now: datetime) -> bool:
    if not suspect.exists():
        return False
    one_last_try()
    return not has_last_try(now) and _take(suspect, worker, now)


def _take(free: "QuerySet[WorkflowRun]", worker: str, now: datetime) -> bool:
    facts = {"lease_owner": worker, "lease_until": now + lease(), "fence": F("fence") + 1, "crashes": _DEATHS}
    return bool(free.update(**facts))


def has_last_try(now: datetime) -> bool:
    """Whether a worker has a run just now that two others in a row did not survive."""
    last = WorkflowRun.objects.filter(status__in=sorted(READY), crashes__gte=_LAST)
    return last.exclude(nobody_has(now, lease())).exists()


def watch(end: datetime, now: datetime, *, heard: bool = False) -> None:
    """Have somebody look at `end` whether a lease is over, and then at the next: one doorbell is enough for all.

    `heard`: by whoever looks now, for whom the doorbell rang, perhaps early by the clock of the host.
    """
    after = now + _CLOCKS_DIFFER if heard else now
    if Heartbeat.objects.appoint(LEASES, end, after=after):
        ring("take_over", delay=end - now)


def claimed(run_id: str, worker: str) -> WorkflowRun:
    """The run of a claim, locked until the transaction ends. Raises `StaleRunError` when it is not ours any more."""
    runs = WorkflowRun.objects.select_for_update(of=("self",)).select_related("contract")
    run = runs.filter(pk=run_id, lease_owner=worker).first()
    if run is None:
        raise StaleRunError(f"run {run_id} was taken by another worker")
    return run


def renew(run: WorkflowRun, now: datetime, **fields: Any) -> None:
    """Prolong the lease. Raises `StaleRunError` when the run was taken by another worker, or ended, since."""
    ours = WorkflowRun.objects.filter(pk=run.pk, fence=run.fence, lease_owner=run.lease_owner)
    if not ours.update(lease_until=now + lease(), **fields):
        raise StaleRunError(f"run {run.pk} was taken by another worker")


def release(run: WorkflowRun) -> None:
    """Give the run back, unless it was when it ended."""
    if run.lease_owner:
        give_back(run.pk, run.lease_owner)


def give_back(run_id: str, worker: str) -> None:
    """End the lease of a claim, if it is still there."""
    WorkflowRun.objects.filter(pk=run_id, lease_owner=worker).update(**GIVEN_BACK)

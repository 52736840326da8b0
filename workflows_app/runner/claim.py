"""Claim, renew, release: a worker has a run while its lease lasts; the fence tells a late worker that it lost it."""

import os
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet

from workflows_app.models import WorkflowRun
from workflows_app.models.run import READY
from workflows_app.runner.transitions import StaleRunError

NO_LEASE: Mapping[str, Any] = {"lease_owner": "", "lease_until": None}


def owner() -> str:
    """This process, as people would find it: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def lease() -> timedelta:
    """How long a worker that says nothing keeps its run (`LEASE_SECONDS`)."""
    return timedelta(seconds=settings.LEASE_SECONDS)


def ready(now: datetime) -> "QuerySet[WorkflowRun]":
    """Runs that can go on: not waiting for a moment to come, not leased to a worker."""
    return WorkflowRun.objects.filter(
        Q(wake_at__isnull=True) | Q(wake_at__lte=now),
        Q(lease_until__isnull=True) | Q(lease_until__lt=now),
        status__in=sorted(READY),
    )


def claim(run_id: str, now: datetime) -> WorkflowRun | None:
    """Take the run for this process, or None when it is not ready or another worker has it."""
    taken = (
        ready(now)
        .filter(pk=run_id)
        .update(lease_owner=owner(), lease_until=now + lease(), fence=F("fence") + 1)
    )
    return WorkflowRun.objects.select_related("contract").get(pk=run_id) if taken else None


def renew(run: WorkflowRun, now: datetime) -> None:
    """Prolong the lease. Raises `StaleRunError` when another worker has taken the run since."""
    kept = WorkflowRun.objects.filter(pk=run.pk, fence=run.fence).update(lease_until=now + lease())
    if not kept:
        raise StaleRunError(f"run {run.pk} was taken by another worker")


def release(run: WorkflowRun) -> None:
    """Give the run back, unless it was when it ended."""
    if not run.lease_owner:
        return
    WorkflowRun.objects.filter(pk=run.pk, fence=run.fence).update(**NO_LEASE)

"""Pausing one workflow: its schedule and its events start nothing until a person lets it go on."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from approvals.principals import Principal
from workflows_app.contracts.problems import ContractErrors
from workflows_app.models import ContractPause, WorkflowContract
from workflows_app.runner.release import ReleaseError
from workflows_app.triggers.cron import skip_due


def set_paused(workflow_type: str, paused: bool, *, by: Principal, reason: str, now: datetime) -> bool:
    """Pause a workflow, or let it go on; False when it already stood so, or there is no such workflow.

    When this returns, nothing more starts by schedule: a scheduler that is starting something is waited for, and one
    that comes later sees the pause. What came due meanwhile is recorded as missed, without an alert, also when no
    scheduler ran; nothing of it is caught up. Runs under way go on.
    """
    with transaction.atomic():
        rows = WorkflowContract.objects.select_for_update().filter(workflow_type=workflow_type, active=True)
        row = rows.exclude(paused=paused).first()
        if row is None:
            return False
        if not paused:
            with suppress(ContractErrors, ReleaseError):  # it cannot be known what was due
                skip_due(row, now)
        WorkflowContract.objects.filter(pk=row.pk).update(paused=paused)
        ContractPause.objects.create(workflow_type=workflow_type, paused=paused, by=str(by), at=now, reason=reason)
    return True

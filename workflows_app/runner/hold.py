"""The switch that stops every effect and delivery at once; staging and reading go on."""

from contextlib import suppress

from django.db import transaction

from approvals.clock import database_now
from approvals.principals import Principal
from workflows_app.models import Hold, WorkflowRun
from workflows_app.models.lock import hold_still
from workflows_app.runner import transitions
from workflows_app.runner.enqueue import ring

BUSY = "Busy just now; nothing was changed; try again."


def on_hold() -> bool:
    """Whether everything is on hold."""
    return Hold.objects.filter(pk=1, on=True).exists()


def set_hold(on: bool, by: Principal, reason: str = "") -> bool:
    """Turn the switch; False when it already stood so. Lifting it wakes everything that was held.

    Under the lock of the appliers: when this returns, nothing is being applied, and no run becomes held too late to be
    woken. Who intervenes in a held run has that lock too, so nobody waits here for a run. Raises `OperationalError`,
    with nothing changed, when the lock was not to be had in time.
    """
    Hold.objects.get_or_create(pk=1)
    with transaction.atomic():
        hold_still()
        now = database_now()
        other = Hold.objects.filter(pk=1).exclude(on=on)
        turned = other.update(on=on, changed_by=str(by), changed_at=now, reason=reason)
        if turned and not on:
            _wake()
    return bool(turned)


def _wake() -> None:
    held = WorkflowRun.objects.filter(status="held")
    for run_id in list(held.order_by("queued_at").values_list("pk", flat=True)):
        while run := held.filter(pk=run_id).first():
            with suppress(transitions.StaleRunError):  # somebody changed it: if it is still held, it is read again
                transitions.change(run, "running", now=database_now(), reason="the hold was lifted")
                ring("advance", run.pk)
    ring("apply_approved")
    ring("deliver")

"""What becomes of a run that its workers did not bring further: they died with it, or a pass broke off."""

from datetime import datetime, timedelta

from django.db import transaction

from approvals import services
from approvals.models import Outcome
from approvals.passing import PASSING
from workflows_app.contracts.schema import Contract
from workflows_app.models import Alert, WorkflowRun
from workflows_app.runner import claim, post
from workflows_app.runner.enqueue import ring
from workflows_app.runner.progress import Progress

# What passes by itself is tried again soon.
_SOON = timedelta(seconds=5)
# A defect of ours: nothing is lost while it waits to be mended.
_LATER = timedelta(minutes=1)
_LONGEST_ERROR = 2_000


def give_up(run: WorkflowRun, contract: Contract, now: datetime) -> None:
    """End a run that kills its workers, so that it stops killing them; what was done before stays done."""
    reason = f"{run.crashes} workers in a row died while they worked on it"
    progress = Progress.load(run)
    progress.stop(reason, now)
    Alert.objects.raise_alert(
        f"crashed:{run.pk}",
        kind="run_crashed",
        message=f"{run.workflow_type} was stopped: {reason}",
        now=now,
        run_id=run.pk,
    )
    if run.proposal_id and progress.any_done():
        services.advance_outcome(run.proposal_id, Outcome.APPLIED)
    post.conclude(run, contract, "failed", now=now, reason=reason, steps=list(progress.records.values()))


def broke_off(run_id: str, worker: str, error: Exception, now: datetime) -> None:
    """Give back a run whose pass raised, to be tried again; called outside the pass's transaction.

    It is tried for as long as it takes, never silently: with an alert at once, or, when the trouble is one that
    passes, with the second in a row.
    """
    passing = isinstance(error, PASSING)
    pause = _SOON if passing else _LATER
    with transaction.atomic():
        run = WorkflowRun.objects.select_for_update().filter(pk=run_id, lease_owner=worker).first()
        if run is None:
            return
        reason = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
        ours = WorkflowRun.objects.filter(pk=run_id, lease_owner=worker)
        ours.update(error=reason, wake_at=now + pause, **claim.GIVEN_BACK)
        ring("advance", run_id, delay=pause)
        if run.error or not passing:
            message = f"{run.workflow_type} broke off and is tried again: {reason}"
            Alert.objects.raise_alert(
                post.broke_off_key(run_id), kind="run_broke_off", message=message, now=now, run_id=run_id
            )


def mended(run: WorkflowRun, now: datetime) -> None:
    """Forget, in the transaction of a pass, that earlier ones broke off."""
    if run.error:
        run.error = ""
        WorkflowRun.objects.filter(pk=run.pk).update(error="")
        post.resolve_broke_off(run, now)

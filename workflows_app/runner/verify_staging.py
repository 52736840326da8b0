"""The checks of a run that ended: staged with their parameters, and when the window of each begins."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from approvals.canonical import canonical
from approvals.models import Outcome, ProposedAction
from workflows_app.checks.registry import KINDS
from workflows_app.contracts.schema import Contract, VerifyCheck
from workflows_app.models import VerifyResult, WorkflowRun
from workflows_app.reading.scope import Scope

GRACE: Final = timedelta(minutes=60)
"""How long after the end of its window a check is looked at again."""
_NOTHING = "{}"  # the `spec` of a check that was never staged
_PREFIX = "verify:"  # before the name of a check, in the step of what it proposed


def place(check: str) -> str:
    """The step of what a failed check proposes."""
    return f"{_PREFIX}{check}"


def checked_by(step: str) -> str:
    """The check that proposed what stands in this step; empty for a step of the contract."""
    return step.removeprefix(_PREFIX) if step.startswith(_PREFIX) else ""


def stage_checks(run: WorkflowRun, contract: Contract, scope: Scope, now: datetime) -> None:
    """Insert the pending results, their parameters resolved, in one statement.

    What they wait for may be decided by now, when another step of the run was slow.
    """
    VerifyResult.objects.bulk_create([_staged(run, check, scope, now) for check in contract.verify])
    after = {check.after for check in contract.verify if check.after}
    if after:
        decided = ProposedAction.objects.filter(run_id=run.pk, step__in=after).exclude(status="pending")
        for proposal in decided.exclude(status="superseded").defer("effects"):
            _catch_up(proposal, now)


def _catch_up(proposal: ProposedAction, now: datetime) -> None:
    if proposal.status != "approved":
        ended(proposal, now)
    elif proposal.outcome != Outcome.APPROVED:  # else it waits for a hold to end
        applied(proposal, now)


def _staged(run: WorkflowRun, check: VerifyCheck, scope: Scope, now: datetime) -> VerifyResult:
    due = None if check.after else now + timedelta(seconds=check.window)
    result = VerifyResult(
        run=run,
        name=check.name,
        kind=check.kind,
        after_step=check.after or "",
        window_seconds=check.window,
        due_at=due,
        give_up_at=due and due + GRACE,
        created_at=now,
    )
    idle = _idle(check, scope)
    if idle:
        result.status, result.executed_at, result.spec = "not_applicable", now, _NOTHING
        result.detail = f"{idle} had nothing to do in this run"
    else:
        result.spec = canonical(KINDS[check.kind].stage(check, scope))
    return result


def _idle(check: VerifyCheck, scope: Scope) -> str:
    """The step that the check waits for or is of, when that step was skipped: then there is nothing to look at."""
    return next((step for step in (check.after, check.of) if step and not scope.steps[step]["items"]), "")


def applied(proposal: ProposedAction, now: datetime) -> None:
    """Start the window of the checks that waited for this, also of those whose earlier proposal had come to nothing.

    What a failed check proposed has that check looked at again.
    """
    _look_again(proposal, now, "looked at again, because what it proposed was approved")
    after = VerifyResult.objects.filter(run_id=proposal.run_id, after_step=proposal.step)
    waiting = after.filter(status="pending", due_at__isnull=True) | after.filter(status="not_applicable").exclude(
        spec=_NOTHING
    )
    for result in waiting:
        due = now + timedelta(seconds=result.window_seconds)
        after.filter(pk=result.pk).update(
            status="pending", due_at=due, give_up_at=due + GRACE, executed_at=None, detail=""
        )


def _look_again(proposal: ProposedAction, now: datetime, why: str) -> None:
    """The check that proposed it is pending once more, with its whole window; it does not propose a second time."""
    _pending_again(Q(name=checked_by(proposal.step)), proposal.run_id, now, why)


def settled_by_hand(run_id: str, steps: Sequence[str], now: datetime) -> None:
    """A person said what became of a letter that these steps led to: what failed because of it is looked at again."""
    proposed_by = [name for step in steps if (name := checked_by(step))]
    about = Q(after_step__in=steps) | Q(name__in=proposed_by)
    _pending_again(about, run_id, now, "looked at again, because a person said what became of the letter")


def _pending_again(about: Q, run_id: str, now: datetime, why: str) -> None:
    failed = VerifyResult.objects.filter(about, run_id=run_id, status="fail")
    for result in failed:
        due = now + timedelta(seconds=result.window_seconds)
        failed.filter(pk=result.pk).update(
            status="pending", due_at=due, give_up_at=due + GRACE, executed_at=None, detail=why
        )


def ended(proposal: ProposedAction, now: datetime) -> None:
    """The proposal came to nothing: unless its step has others, the checks after it have nothing to look at.

    A correction is closed when its check holds by now: that check is looked at once more, so that it says so.
    """
    if proposal.status == "closed":
        _look_again(proposal, now, f"looked at again, because its correction was closed: {proposal.closed_reason}")
    waiting = VerifyResult.objects.filter(run_id=proposal.run_id, after_step=proposal.step, status="pending")
    if not _others(proposal):
        how = ": ".join(filter(None, [proposal.status, proposal.closed_reason]))
        waiting.update(status="not_applicable", executed_at=now, detail=f"{proposal.step}: {how}")


def _others(proposal: ProposedAction) -> bool:
    """Whether the same step staged further proposals that are approved or may still be."""
    siblings = ProposedAction.objects.filter(
        run_id=proposal.run_id, step=proposal.step, status__in=["pending", "approved"]
    )
    return siblings.exclude(pk=proposal.pk).exists()

"""The verify phase: checks staged when a run ends, executed when their window is over."""

import logging
import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from approvals.canonical import canonical, parse
from approvals.models import Outcome, ProposedAction
from workflows_app.checks.base import CheckNotExecutedError
from workflows_app.checks.registry import KINDS
from workflows_app.contracts.schema import Contract, VerifyCheck
from workflows_app.models import Alert, VerifyResult, WorkflowRun
from workflows_app.reading.scope import Scope
from workflows_app.runner import corrective
from workflows_app.runner.claim import lease, owner

logger = logging.getLogger(__name__)

GRACE = timedelta(minutes=60)
_BATCH = 100
_NO_LEASE: Mapping[str, Any] = {"lease_owner": "", "lease_until": None}
_LOST = "taken by another"
_NOTHING = "{}"  # the `spec` of a check that was never staged


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
    """Start the window of the checks that waited for this, also of those whose earlier proposal had come to nothing."""
    after = VerifyResult.objects.filter(run_id=proposal.run_id, after_step=proposal.step)
    waiting = after.filter(status="pending", due_at__isnull=True) | after.filter(status="not_applicable").exclude(
        spec=_NOTHING
    )
    for result in waiting:
        due = now + timedelta(seconds=result.window_seconds)
        after.filter(pk=result.pk).update(
            status="pending", due_at=due, give_up_at=due + GRACE, executed_at=None, detail=""
        )


def ended(proposal: ProposedAction, now: datetime) -> None:
    """The proposal came to nothing: unless its step has others, the checks after it have nothing to look at."""
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


def run_due(now: datetime) -> dict[str, int]:
    """Execute every check that is due, batch by batch; how many ended how.

    Schedulers that run at once share the checks: each is executed by who has its lease. One whose scheduler died is
    taken over when that lease is over.
    """
    counts: Counter[str] = Counter()
    while batch := _claim(now):
        end = time.monotonic() + lease().total_seconds() / 2
        for number, result in enumerate(batch):
            if number and time.monotonic() > end:  # the others are claimed anew, so that no lease is outlived
                _ours(result).filter(pk__in=[each.pk for each in batch[number:]]).update(**_NO_LEASE)
                break
            counts[_decide(result, now)] += 1
    counts.pop(_LOST, None)
    return dict(counts)


def _claim(now: datetime) -> list[VerifyResult]:
    """Checks that are due and that nobody has, as they were before they became ours; committed at once."""
    worker = owner()
    with transaction.atomic(durable=True):
        free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
        again = Q(executed_at__isnull=True) | Q(executed_at__lt=now)  # what this pass looked at waits for the next
        due = VerifyResult.objects.filter(free, again, status="pending", due_at__lte=now).order_by("due_at", "pk")
        batch = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("run")[:_BATCH])
        VerifyResult.objects.filter(pk__in=[each.pk for each in batch]).update(
            lease_owner=worker, lease_until=now + lease()
        )
    for result in batch:
        result.lease_owner = worker
    return batch


def _ours(result: VerifyResult) -> QuerySet[VerifyResult]:
    return VerifyResult.objects.filter(lease_owner=result.lease_owner, status="pending")


def _decide(result: VerifyResult, now: datetime) -> str:
    """Execute one claimed check. One that breaks us keeps its lease, so that the others have their turn."""
    try:
        return _execute(result, now)
    except Exception as error:
        logger.exception("the check %s of run %s broke off", result.name, result.run_id)
        message = f"check {result.name} broke off: {type(error).__name__}: {error}"
        _alert(result, message, now, kind="verify_broke_off")
        return "broken"


def _execute(result: VerifyResult, now: datetime) -> str:
    late = result.give_up_at is not None and now >= result.give_up_at
    if late and result.lease_until is not None:
        return _flip(result, "timeout", "the scheduler that looked at it died", now)
    try:
        finding = KINDS[result.kind].execute(parse(result.spec), now)
    except CheckNotExecutedError as error:
        return _flip(result, "timeout" if late else "pending", str(error), now)
    if finding.passed:
        return _flip(result, "pass", finding.detail, now)
    return _flip(result, "fail" if late else "pending", finding.detail, now)


def _flip(result: VerifyResult, status: str, detail: str, now: datetime) -> str:
    """Record an outcome, if the check is still ours; one that is not good raises an alert and proposes what to do."""
    with transaction.atomic():
        found = {"status": status, "detail": detail, "executed_at": now}
        if not _ours(result).filter(pk=result.pk).update(**found, **_NO_LEASE):
            return _LOST
        if status == "fail":
            detail += corrective.propose(result, detail, now)
        if status in {"fail", "timeout"}:
            _alert(result, f"check {result.name} is {status}: {detail}", now)
    return status


def _alert(result: VerifyResult, message: str, now: datetime, *, kind: str = "verify_failed") -> None:
    key = f"verify:{result.run_id}:{result.name}"
    text = f"{result.run.workflow_type}: {message}"
    Alert.objects.raise_alert(key, kind=kind, message=text, now=now, run_id=result.run_id)


def as_data(result: VerifyResult) -> dict[str, Any]:
    """Name and status, for `show_run --json`."""
    return {"name": result.name, "status": result.status, "detail": result.detail}

"""The post phase: the run's log, its reflexion, its event and its verify checks. Nothing ends silently."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from approvals.canonical import canonical, parse, to_json
from approvals.models import Decision
from workflows_app.contracts.expressions import EvaluationError, render
from workflows_app.contracts.schema import Contract
from workflows_app.drafting.endpoint import endpoint
from workflows_app.effects.events import record_event
from workflows_app.models import Alert, ReflexionLog, RunLog, WorkflowRun, WorkflowStep
from workflows_app.reading.scope import Scope
from workflows_app.runner import gate, transitions, verify_staging
from workflows_app.runner.claim import GIVEN_BACK
from workflows_app.runner.enqueue import ring
from workflows_app.runner.reading import final_scope

_EVENTS = {"completed": "workflow.completed", "partial": "workflow.partial"}


def conclude(
    run: WorkflowRun,
    contract: Contract | None,
    status: str,
    *,
    now: datetime,
    reason: str = "",
    steps: Sequence[WorkflowStep] | None = None,
) -> None:
    """End a run in any way: its status, log, reflexion, event and, when it fanned out, its pending verify checks.

    `contract`: None when it does not load any more; then there is no reflexion and there are no checks, as both are
    what it says. `steps`: its records in order, when the caller has them at hand. A lease ends with the run.
    """
    if run.error:
        resolve_broke_off(run, now)
    end = {"phase": "done", "completed_at": now, "wake_at": None, "error": reason, **GIVEN_BACK}
    transitions.change(run, status, now=now, reason=reason, **end)
    if steps is None:
        steps = list(WorkflowStep.objects.filter(run=run))
    RunLog.objects.create(
        run=run,
        workflow_type=run.workflow_type,
        status=status,
        started_at=run.started_at or run.queued_at,
        completed_at=now,
        summary_json=canonical(_summary(run, steps, now, reason)),
    )
    _record_end(run, status, reason, now)
    if contract is not None:
        _look_back(run, contract, steps, now, reason)


def _look_back(run: WorkflowRun, contract: Contract, steps: Sequence[WorkflowStep], now: datetime, reason: str) -> None:
    """What the contract says about the end of a run: its reflexion, and its checks when it fanned out."""
    scope = final_scope(run, contract, now)
    if contract.reflexion.enabled:
        ReflexionLog.objects.create(
            run=run,
            narrative=_narrative(run, gate.title(contract, scope), steps, reason),
            tags=_tags(run, contract, scope),
            created_at=now,
        )
        if contract.reflexion.drafted and endpoint() is not None:
            ring("draft_reflexion", run.pk)
    if run.status in _EVENTS:
        verify_staging.stage_checks(run, contract, scope, now)


def broke_off_key(run_id: str) -> str:
    """The key of the alert that a pass of this run broke off and is tried again; it ends with the run at the latest."""
    return f"broke_off:{run_id}"


def resolve_broke_off(run: WorkflowRun, now: datetime) -> None:
    """Nothing is tried again any more, or the run went on."""
    Alert.objects.keyed(broke_off_key(run.pk)).resolve(now)


def _record_end(run: WorkflowRun, status: str, reason: str, now: datetime) -> None:
    trigger = parse(run.trigger)
    record_event(
        _EVENTS.get(status, "workflow.failed"),
        f"run:{run.pk}:end",
        {"run_id": run.pk, "workflow_type": run.workflow_type, "status": status, "reason": reason},
        now=now,
        run_id=run.pk,
        causes=(*trigger["causes"], run.workflow_type),
    )
    ring("dispatch_events")


def _summary(run: WorkflowRun, steps: Sequence[WorkflowStep], now: datetime, reason: str) -> dict[str, Any]:
    started = run.started_at or run.queued_at
    return {
        "duration_ms": int((now - started).total_seconds() * 1000),
        "steps": dict(sorted(Counter(step.status for step in steps).items())),
        "errors": [f"{step.step} {step.item}: {step.error}".strip() for step in steps if step.status == "failed"],
        "plan_revision": run.plan_revision,
        "reason": reason,
    }


def _narrative(run: WorkflowRun, title: str, steps: Sequence[WorkflowStep], reason: str) -> str:
    """What happened, in sentences that a later search can find."""
    lines = [f"{title}: ended as {run.status}" + (f": {reason}." if reason else ".")]
    lines += [f"Check {check['check']} did not pass: {check['detail'] or check['rule']}." for check in _failed(run)]
    decision = Decision.objects.filter(proposal_id=run.proposal_id).order_by("-seq").first()
    if decision is not None:
        lines.append(f"{decision.principal} decided: {decision.verdict}. {decision.reason}".strip())
    for step in steps:
        label = f"{step.step} {step.item}".strip()
        lines.append(f"{label}: {step.status}" + (f" ({step.error})." if step.error else "."))
    return "\n".join(lines)


def _failed(run: WorkflowRun) -> list[dict[str, Any]]:
    return [check for check in parse(run.checks) if not check["passed"]]


def _tags(run: WorkflowRun, contract: Contract, scope: Scope) -> str:
    """The workflow type and the declared tags, resolved; a tag without a value is left out."""
    tags = [run.workflow_type]
    for template in contract.reflexion.tags:
        try:
            tags.append(str(to_json(render(template, scope))))
        except EvaluationError:
            continue
    return ",".join(dict.fromkeys(tags))[:500]

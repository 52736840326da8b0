"""Run the rest again: a new run that continues one that failed in part, and does nothing twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from approvals.canonical import parse
from approvals.clock import database_now
from approvals.principals import Principal
from workflows_app.contracts.values import thaw
from workflows_app.effects.data import Effect, PlannedItem
from workflows_app.models import WorkflowRun, WorkflowStep
from workflows_app.models.run import TERMINAL
from workflows_app.runner.preconditions import CheckResult
from workflows_app.runner.reading import read
from workflows_app.runner.release import contract_for
from workflows_app.runner.reuse import origin
from workflows_app.runner.start import Cause, new_run
from workflows_app.triggers.manual import begin

_MOST = 50


class NotContinuedError(Exception):
    """There is no rest of this run to be done; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Rest:
    """One item of a rerun. `state`: `reused`, `will be done` or `skipped`, with the reason.

    `effects` would happen now; `repeats` happened already, and a start from the beginning would do them again.
    """

    step: str
    item: str
    kind: str
    state: str
    reason: str
    effects: Sequence[Effect]
    repeats: Sequence[Effect]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a rerun would do, without a trace."""

    checks: Sequence[CheckResult]
    rest: Sequence[Rest]


def refusal(old: WorkflowRun) -> str:
    """Why the rest of this run cannot be done by another one, in words; empty when it can."""
    if old.status not in ("failed", "partial"):
        return f"This run is {old.status}; only what failed, wholly or in part, is continued."
    if not WorkflowStep.objects.filter(run=old, status__in=("failed", "not_reached")).exists():
        return "No step of this run has failed; start the workflow again instead."
    earlier = reruns(old)
    latest = earlier[-1:]
    if len(earlier) == _MOST:
        return f"It was continued {_MOST} times and came to nothing; start the workflow again instead."
    if latest and latest[0].status in TERMINAL and WorkflowStep.objects.filter(run=latest[0]).exists():
        return f"Run {latest[0].pk} has continued it; look there."
    return ""


def reruns(old: WorkflowRun) -> list[WorkflowRun]:
    """The runs that continue this one, the first first. Found by their very keys, which the unique index answers."""
    found = WorkflowRun.objects.filter(trigger_key__in=[_key(old, str(number)) for number in range(1, _MOST + 1)])
    return list(found.defer("context", "plan", "checks").order_by("queued_at", "id"))


def preview(old: WorkflowRun, principal: Principal) -> Preview:
    """Plan the rest and write nothing. Raises `NotContinuedError` and what planning raises."""
    _refuse(old)
    now = database_now()
    run = new_run(old.contract, _inputs(old), _cause(old, "dry-run", principal), now, edits=old.edits)
    reading = read(run, contract_for(old.contract), now)
    return Preview(checks=reading.checks, rest=[_rest(item) for item in reading.plan])


def start(old: WorkflowRun, *, principal: Principal, now: datetime | None = None) -> WorkflowRun:
    """Do the rest by the same contract version and inputs, with a gate of its own; the rerun that is open, if one is.

    Raises `NotContinuedError`, and `READING_ERRORS` when it cannot be planned; then there is no run.
    """
    _refuse(old)
    earlier = reruns(old)
    if earlier and earlier[-1].status not in TERMINAL:
        return earlier[-1]
    cause = _cause(old, str(len(earlier) + 1), principal)
    return begin(old.contract, _inputs(old), cause, edits=old.edits, now=now)


def _refuse(old: WorkflowRun) -> None:
    reason = refusal(old)
    if reason:
        raise NotContinuedError(reason)


def _cause(old: WorkflowRun, number: str, principal: Principal) -> Cause:
    return Cause(
        kind="rerun",
        key=_key(old, number),
        principal=principal,
        source=f"run:{old.pk}",
        causes=parse(old.trigger)["causes"],
        continues=old.pk,
        origin=origin(old),
    )


def _key(old: WorkflowRun, number: str) -> str:
    return f"rerun:{old.pk}:{number}"


def _inputs(old: WorkflowRun) -> dict[str, object]:
    inputs: dict[str, object] = thaw(parse(old.inputs))
    return inputs


def _rest(item: PlannedItem) -> Rest:
    reused = item.get("reused")
    state = "reused" if reused else "skipped" if item["skipped"] else "will be done"
    return Rest(
        step=item["step"],
        item=item["item"],
        kind=item["kind"],
        state=state,
        reason=item["skipped"],
        effects=item["effects"],
        repeats=reused["effects"] if reused else [],
    )

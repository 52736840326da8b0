"""What Mike approves is what happens: an envelope is read again before it is approved and before it is applied."""

from dataclasses import dataclass
from datetime import datetime

from approvals import services
from approvals.canonical import canonical, digest, parse
from workflows_app.contracts.expressions import EvaluationError
from workflows_app.contracts.schema import Contract
from workflows_app.effects.difference import Comparison, Difference, compare
from workflows_app.models import WorkflowRun
from workflows_app.reading.errors import ReadingError
from workflows_app.runner import gate, post, transitions
from workflows_app.runner.preconditions import blocking, in_words, said, worsened
from workflows_app.runner.reading import Reading, keep, read
from workflows_app.steps.base import PlanningError

READING_ERRORS = (ReadingError, EvaluationError, PlanningError)


@dataclass(frozen=True, kw_only=True)
class Recheck:
    """What a second reading found: `blocked` ends the run, `changed` needs a new card, else `comparison` is applied."""

    reading: Reading | None
    comparison: Comparison | None = None
    changed: tuple[Difference, ...] = ()
    blocked: str = ""


def recheck(run: WorkflowRun, contract: Contract, now: datetime) -> Recheck:
    """Context, preconditions and plan anew; the caller holds the lock that sync and appliers share."""
    try:
        reading = read(run, contract, now)
    except READING_ERRORS as error:
        return Recheck(reading=None, blocked=f"it could not be read again: {error}")
    stopped = blocking(reading.checks)
    if stopped:
        return Recheck(reading=reading, blocked=in_words(stopped))
    comparison = compare(parse(run.plan), reading.plan, looping(contract))
    before = parse(run.checks)
    was = {check["check"]: "passed" if check["passed"] else said(check) for check in before}
    changed: list[Difference] = [
        {"where": f"check {check['check']}", "was": was[check["check"]], "now": check["detail"] or "does not pass"}
        for check in worsened(before, reading.checks)
    ]
    return Recheck(reading=reading, comparison=comparison, changed=(*changed, *comparison.changed))


def looping(contract: Contract) -> frozenset[str]:
    """The steps that loop."""
    return frozenset(step.name for step in contract.fan_out if step.for_each is not None)


def renew_card(
    run: WorkflowRun, contract: Contract, found: Recheck, now: datetime, reason: str
) -> services.NewProposal:
    """The same run back at the gate with a new plan and a card that shows the difference; the proposal to stage."""
    assert found.reading is not None  # noqa: S101 a reading that failed blocks
    run.plan_revision += 1
    proposal = gate.envelope(run, contract, found.reading, now, difference=canonical(list(found.changed)))
    transitions.change(
        run,
        "awaiting_approval",
        now=now,
        reason=reason,
        phase="gate",
        plan_revision=run.plan_revision,
        proposal_id=proposal.id,
        edits=run.edits,
        digest=digest(proposal.effects),
        **keep(found.reading),
    )
    return proposal


def block(run: WorkflowRun, contract: Contract, found: Recheck, now: datetime) -> str:
    """End the run as blocked; the sentence that says why."""
    reason = f"blocked when checked again: {found.blocked}"
    post.conclude(run, contract, "blocked", now=now, reason=reason)
    return reason

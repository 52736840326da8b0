"""Carries out what a person decided about a run that is under way. `intervene.py` stages and decides it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals import hooks, services
from approvals.canonical import parse
from approvals.clock import database_now
from approvals.models import Decision, Outcome, ProposalStatus, ProposedAction
from workflows_app.contracts.schema import Contract
from workflows_app.models import WorkflowRun, WorkflowStep
from workflows_app.models.ahead import lease, somebody_has
from workflows_app.models.lock import hold_still
from workflows_app.runner import post, transitions
from workflows_app.runner.enqueue import ring
from workflows_app.runner.release import contract_if_it_loads

ACTION_TYPE = "run_intervention"
PLACE = "intervene:"
"""What the step of such a proposal begins with; the names of a contract's steps have no colon."""

_OPEN = ("pending", "retrying")
_MEANWHILE = "This run was changed meanwhile, or a worker has just taken it; look at it again."
_STATUSES: Mapping[str, frozenset[str]] = {
    "retry": frozenset({"queued", "running", "retrying"}),
    "skip": frozenset({"running", "retrying", "held"}),
    "cancel": frozenset({"queued", "running", "retrying", "held", "awaiting_approval"}),
}


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A run that is in the hands of this transaction, its contract, and the undecided proposals that it staged.

    `contract`: None when it does not load any more; then all that can be done is to cancel.
    """

    run: WorkflowRun
    contract: Contract | None
    leaves: tuple[str, ...]


def is_intervention(proposal: ProposedAction) -> bool:
    """Whether a proposal is neither a gate nor a leaf, but what a person does with a run."""
    return proposal.step.startswith(PLACE)


def label(step: str, item: str) -> str:
    """A step, or an item of it, as people read it."""
    return f"{step} {item}".strip()


def take(proposal: ProposedAction) -> Taken:
    """Take the run, and lock what will be closed. Raises `DecisionRefusedError`.

    Locks, before the head of the chain: the gate that is undecided → for a cancel the undecided leaves → for a cancel,
    and for a held run, the shared lock → the run's row. So do decisions, edits and the hold switch. A worker takes the
    run's row first and the shared lock then; that is why nobody here waits for that row.
    """
    wish = parse(proposal.effects)["payload"]
    what = wish["intervention"]
    run = _locked_run(wish)
    refuse_unless_open(run, what)
    leaves: tuple[str, ...] = ()
    if what == "cancel":
        _leaves(proposal)
    if what == "cancel" or run.status == "held":
        hold_still()
        run = _as_it_is_now(run, what)
        leaves = _leaves(proposal, nowait=True) if what == "cancel" else ()
    if what == "retry" and wish.get("fence", run.fence) != run.fence:
        raise hooks.DecisionRefusedError(_MEANWHILE)
    contract = contract_if_it_loads(run.contract)
    if contract is None and what != "cancel":
        raise hooks.DecisionRefusedError("The contract of this run does not load any more.")
    try:
        transitions.seize(run, database_now())
    except transitions.StaleRunError as error:
        raise hooks.DecisionRefusedError(_MEANWHILE) from error
    return Taken(run=run, contract=contract, leaves=leaves)


def carry_out(proposal: ProposedAction, decision: Decision, taken: Taken) -> None:
    """Do what was decided, in the transaction of the decision. Raises `DecisionRefusedError`."""
    wish = parse(proposal.effects)["payload"]
    _DO[wish["intervention"]](taken, wish, decision)
    services.advance_outcome(proposal.pk, Outcome.APPLIED)


# --- taking a run -----------------------------------------------------------------------------------------------------


def _locked_run(wish: Mapping[str, Any]) -> WorkflowRun:
    """The run as it is once its undecided gate is locked: then nobody decides, edits or renews that."""
    runs = WorkflowRun.objects.select_related("contract")
    run = runs.get(pk=wish["run_id"])
    if run.status != "awaiting_approval":
        return run
    gate = ProposedAction.objects.select_for_update().get(pk=run.proposal_id)
    run = runs.get(pk=run.pk)
    if run.proposal_id != gate.pk:
        raise hooks.DecisionRefusedError(_MEANWHILE)
    return run


def _as_it_is_now(run: WorkflowRun, what: str) -> WorkflowRun:
    """The run once we have the shared lock; refused when it has come to a gate, or from one, as that is not locked."""
    found = WorkflowRun.objects.select_related("contract").get(pk=run.pk)
    if found.status != run.status and "awaiting_approval" in (found.status, run.status):
        raise hooks.DecisionRefusedError(_MEANWHILE)
    refuse_unless_open(found, what)
    return found


def refuse_unless_open(run: WorkflowRun, what: str) -> None:
    """Raises `DecisionRefusedError` when a run, as it was read, is not one for that, or a worker has it."""
    if run.status not in _STATUSES[what]:
        raise hooks.DecisionRefusedError(_too_late(run, what))
    if somebody_has(run.lease_until, database_now(), lease()):
        raise hooks.DecisionRefusedError("A worker has this run just now; try again in a moment.")


def _too_late(run: WorkflowRun, what: str) -> str:
    if run.status == "held" and what == "retry":
        return "Everything is on hold; what waits goes on when the hold is lifted."
    if run.status == "awaiting_approval":
        return "This run waits for a decision; none of its steps has begun."
    return f"This run is {run.status}: there is nothing to {what}."


def _leaves(intervention: ProposedAction, *, nowait: bool = False) -> tuple[str, ...]:
    """The undecided leaves of a run, locked. Raises `OperationalError` for one that is locked, if it is not to wait.

    First they are waited for, then read again under the shared lock: an edit may have put another one in the place of
    the one that was waited for, and who decides that one may wait for our lock.
    """
    pending = ProposedAction.objects.filter(run_id=intervention.run_id, status=ProposalStatus.PENDING)
    leaves = pending.exclude(step="").exclude(pk=intervention.pk)
    return tuple(leaves.select_for_update(nowait=nowait).order_by("pk").values_list("pk", flat=True))


# --- what is done -----------------------------------------------------------------------------------------------------


def _retry(taken: Taken, wish: Mapping[str, Any], decision: Decision) -> None:
    run, now = taken.run, decision.decided_at
    waiting = WorkflowStep.objects.filter(run=run, status="retrying")
    if wish["step"]:
        waiting = waiting.filter(step=wish["step"], item=wish["item"], attempts=wish["attempts"])
    woken = waiting.update(next_attempt_at=now)
    if not woken and (wish["step"] or run.wake_at is None):
        raise hooks.DecisionRefusedError(_how_it_stands(run, wish, "is not waiting for another attempt"))
    about = label(wish["step"], wish["item"]) or "what waits"
    transitions.stay(run, now=now, reason=f"{decision.principal} tries {about} again now", wake_at=now)
    ring("advance", run.pk)


def _skip(taken: Taken, wish: Mapping[str, Any], decision: Decision) -> None:
    run, now, about = taken.run, decision.decided_at, label(wish["step"], wish["item"])
    reason = f"skipped by {decision.principal}: {wish['reason']}"
    open_step = WorkflowStep.objects.filter(run=run, step=wish["step"], item=wish["item"], status__in=_OPEN)
    settled = {"finished_at": now, "next_attempt_at": None}
    if not open_step.filter(attempts=wish["attempts"]).update(status="skipped", error=reason, **settled):
        raise hooks.DecisionRefusedError(_how_it_stands(run, wish, "cannot be skipped"))
    contract = taken.contract
    assert contract is not None  # noqa: S101 take refused
    need_it = [step.name for step in contract.fan_out if wish["step"] in step.needs]
    unreached = WorkflowStep.objects.filter(run=run, step__in=need_it, status="pending")
    unreached.update(status="not_reached", error=f"it needs {about}, which was {reason}", **settled)
    transitions.stay(run, now=now, reason=f"{about} {reason}", wake_at=now)
    ring("advance", run.pk)


def _cancel(taken: Taken, wish: Mapping[str, Any], decision: Decision) -> None:
    """The run ends. A gate of which nothing was applied is closed; one of which something was stays approved."""
    run, now = taken.run, decision.decided_at
    reason = f"cancelled by {decision.principal}: {wish['reason']}"
    for leaf in taken.leaves:
        services.close(leaf, f"its run was {reason}")
    if WorkflowStep.objects.filter(run=run, status="done").exists():
        services.advance_outcome(run.proposal_id, Outcome.APPLIED)
    elif run.proposal_id:
        services.close(run.proposal_id, f"its run was {reason}")
    _end_steps(run, reason, now)
    post.conclude(run, taken.contract, "cancelled", now=now, reason=reason)


def _end_steps(run: WorkflowRun, reason: str, now: datetime) -> None:
    """Nothing of an ended run looks as if it went on. Of a call whose worker died nobody knows what came of it."""
    settled = {"finished_at": now, "next_attempt_at": None}
    steps = WorkflowStep.objects.filter(run=run)
    steps.filter(status__in=_OPEN).update(status="not_reached", error=f"the run was {reason}", **settled)
    lost = f"its worker died in the middle of it, and then the run was {reason}"
    steps.filter(status="running").update(status="failed", error=lost, **settled)


def _how_it_stands(run: WorkflowRun, wish: Mapping[str, Any], refusal: str) -> str:
    about = label(wish["step"], wish["item"])
    found = WorkflowStep.objects.filter(run=run, step=wish["step"], item=wish["item"]).first()
    if found is None or not about:
        return f"{about} has not begun, or is no step of this run." if about else "Nothing of this run waits."
    if found.attempts != wish["attempts"]:
        return f"{about} has been tried again since; look at it once more."
    return f"{about} is {found.get_status_display().lower()}: it {refusal}."


_DO: Mapping[str, Callable[[Taken, Mapping[str, Any], Decision], None]] = {
    "retry": _retry,
    "skip": _skip,
    "cancel": _cancel,
}

"""What a failed verify check proposes: its `on_fail` operations, which wait for a decision as any other proposal.

Once per check and run: when it was approved, the check is looked at again (`verify_staging.py`); if it fails once more
there is an alert, and no second correction.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from approvals.canonical import parse, to_json
from approvals.models import Outcome, ProposedAction
from approvals.principals import Principal
from workflows_app.checks.base import CheckNotExecutedError
from workflows_app.checks.registry import KINDS
from workflows_app.contracts.expressions import EvaluationError
from workflows_app.contracts.schema import Contract, VerifyCheck
from workflows_app.contracts.values import thaw
from workflows_app.effects import proposals
from workflows_app.effects.context import ApplyContext
from workflows_app.effects.data import Effect, ProposalStage
from workflows_app.models import VerifyResult, WorkflowRun
from workflows_app.runner import verify_staging
from workflows_app.runner.reading import final_scope
from workflows_app.runner.release import contract_for
from workflows_app.steps.base import PlanEnv, PlanningError
from workflows_app.steps.operations import plan_operations

ACTION_TYPE: Final = "verify_correction"
_EXPIRES_SECONDS = 7 * 86400
_ERRORS = (PlanningError, EvaluationError)
_UNAPPLIED = (Outcome.PROPOSED, Outcome.APPROVED)


def propose(result: VerifyResult, found: str, now: datetime) -> str:
    """Stage the corrective proposal of a check that has just failed; what to add to its alert. `found` says why.

    Nothing is staged when the check declares no `on_fail`, when its operations come to nothing, or when it had its
    correction before. The operations are planned now, in the world of the failure, by the contract version of the run.
    """
    earlier = ProposedAction.objects.filter(run_id=result.run_id, step=verify_staging.place(result.name))
    known = next(filter(is_correction, earlier.defer("effects").order_by("-plan_revision")), None)
    if known is not None:
        return f"; what it proposed before is {known.status}, so nothing more is proposed: somebody has to look"
    run, contract = _run(result.run_id)
    check = _check(contract, result.name)
    env = _env(run, contract, check, now)
    try:
        effects = plan_operations(check.on_fail, env)
    except _ERRORS as error:
        return f"; what to do about it could not be planned: {error}"
    if not effects:
        return ""
    proposals.stage([_proposal(result, found, env, effects)], _context(run, contract, env, now))
    return "; a proposal says what to do about it"


def is_correction(proposal: Any) -> bool:
    """Whether a (new) proposal is what a failed check proposed, not what that one staged in its turn."""
    return bool(proposal.action_type == ACTION_TYPE and verify_staging.checked_by(proposal.step))


def not_needed(proposal: ProposedAction, text: Mapping[str, Any], now: datetime) -> str:
    """Why a correction is not to be applied any more, in words; empty while the check still fails.

    Its check is looked at again, when that is a reading of the database; a letter or a record that would go out once
    more must still be one that did not arrive. Raises `ReadingError`.
    """
    result = VerifyResult.objects.get(run_id=proposal.run_id, name=verify_staging.checked_by(proposal.step))
    if _holds_by_now(result, now):
        return f"the check {result.name} holds by now"
    if proposal.outcome not in _UNAPPLIED:
        return ""
    return _arrived_meanwhile(result, text["on_approve"], now)


def repeated(text: Mapping[str, Any]) -> Iterator[ProposedAction]:
    """The proposals whose letters a correction sends once more; their rules hold for it as well."""
    letters = [effect["replaces"] for effect in text["on_approve"] if effect.get("replaces")]
    yield from ProposedAction.objects.filter(emails__in=letters).distinct().order_by("pk")


def _holds_by_now(result: VerifyResult, now: datetime) -> bool:
    kind = KINDS[result.kind]
    try:
        return kind.in_database and kind.execute(parse(result.spec), now).passed
    except CheckNotExecutedError:
        return False  # nobody can tell; the person who decides knows more


def _arrived_meanwhile(result: VerifyResult, frozen: Sequence[Mapping[str, Any]], now: datetime) -> str:
    """Why something that would go out again is not to go: it is under way or there, or a newer one is."""
    wanted = {effect["id"] for effect in frozen if effect.get("replaces") or effect.get("again")}
    if not wanted:
        return ""
    run, contract = _run(result.run_id)
    check = _check(contract, result.name)
    try:
        planned = plan_operations(check.on_fail, _env(run, contract, check, now))
    except _ERRORS as error:
        return f"it could not be planned again: {error}"
    gone = wanted - {effect["id"] for effect in planned}
    return "what it would send once more is on its way or was replaced meanwhile" if gone else ""


def _run(run_id: str) -> tuple[WorkflowRun, Contract]:
    run = WorkflowRun.objects.select_related("contract").get(pk=run_id)
    return run, contract_for(run.contract)


def _check(contract: Contract, name: str) -> VerifyCheck:
    return next(check for check in contract.verify if check.name == name)


def _env(run: WorkflowRun, contract: Contract, check: VerifyCheck, now: datetime) -> PlanEnv:
    step = verify_staging.place(check.name)
    return PlanEnv(contract=contract, run_id=run.pk, step=step, scope=final_scope(run, contract, now))


def _proposal(result: VerifyResult, found: str, env: PlanEnv, effects: Sequence[Effect]) -> ProposalStage:
    asked = KINDS[result.kind].asked(parse(result.spec))
    name = result.name.replace("_", " ")
    return proposals.of_our_own(
        id=env.derive_id("pro", "on_fail"),
        action_type=ACTION_TYPE,
        entity=("workflow_run", f"workflow:{env.contract.workflow_type}:run_{env.run_id}"),
        title=f"{env.contract.title}: the check “{name}” failed",
        summary=(
            f"Because the check {name} failed: {found}; expected: {asked.get('expect', 'that it holds')}. "
            "Approving does what the contract proposes then, and the check is looked at again. Rejecting leaves it."
        ),
        payload={"run_id": env.run_id, "check": result.name, "found": found, **asked},
        expires_seconds=_EXPIRES_SECONDS,
        on_approve=effects,
        risk_level=max(proposals.LEAST_RISK, env.contract.risk_level),
    )


def _context(run: WorkflowRun, contract: Contract, env: PlanEnv, now: datetime) -> ApplyContext:
    trigger = parse(run.trigger)
    return ApplyContext(
        run_id=run.pk,
        workflow_type=run.workflow_type,
        contract_version=contract.contract_version,
        step=env.step,
        item="",
        inputs=to_json(thaw(parse(run.inputs))),
        plan_revision=run.plan_revision,
        proposed_by=str(Principal.machine("verify")),
        now=now,
        causes=(*trigger["causes"], run.workflow_type),
    )

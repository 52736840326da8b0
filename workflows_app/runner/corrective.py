"""What a failed verify check proposes: its `on_fail` operations, which wait for a decision as any other proposal."""

from collections.abc import Sequence
from datetime import datetime

from approvals.canonical import parse, to_json
from approvals.principals import Principal
from workflows_app.contracts.expressions import EvaluationError
from workflows_app.contracts.schema import Contract, VerifyCheck
from workflows_app.contracts.values import thaw
from workflows_app.effects import proposals
from workflows_app.effects.context import ApplyContext
from workflows_app.effects.data import Effect, ProposalStage
from workflows_app.models import VerifyResult, WorkflowRun
from workflows_app.runner.reading import final_scope
from workflows_app.runner.release import contract_for
from workflows_app.steps.base import PlanEnv, PlanningError
from workflows_app.steps.operations import plan_operations

_EXPIRES_SECONDS = 7 * 86400


def propose(result: VerifyResult, found: str, now: datetime) -> str:
    """Stage the corrective proposal of a check that has just failed; what to add to its alert. `found` says why.

    Nothing is staged when the check declares no `on_fail`, or when its operations come to nothing. The operations are
    planned now, in the world of the failure, by the contract version of the run.
    """
    run = WorkflowRun.objects.select_related("contract").get(pk=result.run_id)
    contract = contract_for(run.contract)
    check = next(check for check in contract.verify if check.name == result.name)
    env = PlanEnv(contract=contract, run_id=run.pk, step=_place(check), scope=final_scope(run, contract, now))
    try:
        effects = plan_operations(check.on_fail, env)
    except (PlanningError, EvaluationError) as error:
        return f"; what to do about it could not be planned: {error}"
    if not effects:
        return ""
    proposals.stage([_proposal(check, found, env, effects)], _context(run, contract, env, now))
    return "; a proposal says what to do about it"


def _place(check: VerifyCheck) -> str:
    return f"verify:{check.name}"


def _proposal(check: VerifyCheck, found: str, env: PlanEnv, effects: Sequence[Effect]) -> ProposalStage:
    return proposals.of_our_own(
        id=env.derive_id("pro", "on_fail"),
        action_type="verify_correction",
        entity=("workflow_run", f"workflow:{env.contract.workflow_type}:run_{env.run_id}"),
        title=f"{env.contract.title}: {check.name.replace('_', ' ')} failed",
        summary=f"The check {check.name} failed: {found}. This is what the contract proposes then.",
        payload={"run_id": env.run_id, "check": check.name},
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

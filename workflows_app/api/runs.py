"""`/api/runs` and `/api/proposals`: start what a person decides about, and read how it stands. Nothing decides here."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from approvals.models import ProposalStatus
from approvals.principals import Principal
from workflows_app.api.answers import RefusedError, answer
from workflows_app.api.auth import Bearer
from workflows_app.api.schemas import Problem, Proposal, Run, RunIn, RunStarted
from workflows_app.contracts.problems import ContractErrors
from workflows_app.models import WorkflowContract, WorkflowRun
from workflows_app.runner.inputs import InputError
from workflows_app.runner.recheck import READING_ERRORS
from workflows_app.runner.release import ReleaseError, contract_for
from workflows_app.runner.show import proposals_data, run_data
from workflows_app.triggers.once import KeyTakenError, start_once

router = Router()
MOST = 200
RunId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$", description="As `POST /api/runs` gives it.")]


@router.get(
    "/runs/{run_id}",
    tags=["Runs"],
    auth=Bearer("runs:read"),
    response={200: Run, frozenset({400, 401, 403, 404, 422, 503}): Problem},
    operation_id="read_run",
    summary="Read a run",
)
def get_run(request: HttpRequest, run_id: RunId) -> HttpResponse:
    """A run from trigger to verify."""
    run = WorkflowRun.objects.select_related("contract").filter(pk=run_id).first()
    if run is None:
        raise RefusedError(404, f"There is no run {run_id}.")
    return answer(run_data(run))


@router.post(
    "/runs",
    tags=["Runs"],
    auth=Bearer("runs:start"),
    response={201: RunStarted, frozenset({400, 401, 403, 404, 409, 413, 422, 503}): Problem},
    operation_id="start_run",
    summary="Start a workflow, which then waits for a decision",
)
def post_run(request: HttpRequest, body: RunIn) -> HttpResponse:
    """Only workflows that wait for a person's decision start here; a key makes it one run however often it is sent."""
    contract = WorkflowContract.objects.filter(workflow_type=body.workflow_type, active=True).first()
    if contract is None:
        raise RefusedError(404, f"There is no workflow {body.workflow_type}.")
    principal: Principal = request.auth  # type: ignore[attr-defined]  # ninja sets it
    try:
        _startable(contract)
        run = start_once(contract, body.inputs, principal=principal, key=body.key or "")
    except InputError as error:
        raise RefusedError(422, f"inputs: {error}") from error
    except KeyTakenError as error:
        raise RefusedError(409, f"Not started: {error}.") from error
    except (*READING_ERRORS, ContractErrors, ReleaseError) as error:
        raise RefusedError(409, f"It cannot be planned: {error}") from error
    return answer({"run_id": run.pk, "status": run.status, "proposal_id": run.proposal_id or None}, status=201)


@router.get(
    "/proposals",
    tags=["Proposals"],
    auth=Bearer("runs:read"),
    response={200: list[Proposal], frozenset({400, 401, 403, 422, 503}): Problem},
    operation_id="list_proposals",
    summary="List proposals, the newest first",
)
def get_proposals(
    request: HttpRequest,
    status: Annotated[ProposalStatus | None, Query(description="Only these.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="So many at most.")] = 50,
) -> HttpResponse:
    """What waits for a decision, and what became of the rest."""
    rows: list[dict[str, Any]] = proposals_data(status and status.value, limit)
    return answer(rows)


def _startable(contract: WorkflowContract) -> None:
    """Refuse what would act at once, and what a person has paused."""
    if not contract_for(contract).gated:
        raise RefusedError(403, f"{contract.title} acts without a decision; a person starts it in the console.")
    if contract.paused:
        raise RefusedError(409, f"{contract.title} is paused.")

"""The workflows that a chat may speak of."""

from workflows_app.contracts.problems import ContractErrors
from workflows_app.contracts.schema import Contract
from workflows_app.mcp.told import RefusedError
from workflows_app.models import WorkflowContract
from workflows_app.runner.release import ReleaseError, contract_for
from workflows_app.triggers.quote_draft import WORKFLOW as QUOTE_DRAFT


def active(workflow_type: str) -> tuple[WorkflowContract, Contract]:
    """The active version. Raises `RefusedError` when there is none, or when it does not load."""
    row = WorkflowContract.objects.filter(workflow_type=workflow_type, active=True).first()
    if row is None:
        known = WorkflowContract.objects.filter(active=True).order_by("workflow_type")
        listed = ", ".join(known.values_list("workflow_type", flat=True)) or "none yet"
        raise RefusedError(f"There is no workflow {workflow_type!r}. Those there are: {listed}.")
    try:
        return row, contract_for(row)
    except (ContractErrors, ReleaseError) as error:
        raise RefusedError(f"{workflow_type} cannot be used now; a person must look at its contract.") from error


def way_to_start(contract: Contract) -> str:
    """Which tool starts it; empty when none does, because it would act without a decision of its own."""
    if contract.workflow_type == QUOTE_DRAFT:
        return "propose_quote_draft"
    return "start_run" if contract.gated else ""


def refuse_paused(workflow_type: str) -> None:
    """A pause says that nothing starts it but a person. Raises `RefusedError`."""
    row = WorkflowContract.objects.filter(workflow_type=workflow_type, active=True, paused=True).first()
    if row is not None:
        raise RefusedError(f"{row.title} is paused: only a person starts it, or lets it go on, in the console.")

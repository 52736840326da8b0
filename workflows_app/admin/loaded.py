"""Released contracts for pages, which must not fall over because one of them does not load any more."""

from workflows_app.contracts.problems import ContractErrors
from workflows_app.contracts.schema import Contract
from workflows_app.models import WorkflowContract
from workflows_app.runner.release import ReleaseError, contract_for


def contract_or_problem(row: WorkflowContract) -> Contract | str:
    """The contract of a row, or every reason why it does not load, as text."""
    try:
        return contract_for(row)
    except (ContractErrors, ReleaseError) as error:
        return str(error)

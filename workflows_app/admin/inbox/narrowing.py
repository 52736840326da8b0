"""What waits, narrowed by workflow or customer: both are looked up first, so that few rows of the index need a look
elsewhere, however many wait."""

from collections.abc import Iterator
from typing import Final

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from workflows_app.admin.loaded import contract_or_problem
from workflows_app.contracts.schema import Contract
from workflows_app.models import WorkflowContract, WorkflowRun

_NAMES: Final = 50
_LONGEST_STEP: Final = 80
# Each name is found from the one before it: one look into the index for each customer, not for each proposal. The order
# is that of the index of what is pending; by MIN, SQLite would take the one of all proposals.
_CUSTOMERS: Final = """
    WITH RECURSIVE seen(name) AS (
        SELECT (SELECT customer_name FROM proposed_actions WHERE status = 'pending'
                ORDER BY customer_name, expires_at LIMIT 1)
        UNION ALL
        SELECT (SELECT customer_name FROM proposed_actions WHERE status = 'pending' AND customer_name > seen.name
                ORDER BY customer_name, expires_at LIMIT 1)
        FROM seen WHERE name IS NOT NULL
    ) SELECT name FROM seen WHERE name IS NOT NULL
"""


def of_workflow(workflow: str) -> Q:
    """Proposals of runs of a workflow. A gate says so itself; of the rest, only those of a step that it has may be."""
    of_it = WorkflowRun.objects.filter(pk=OuterRef("run_id"), workflow_type=workflow)
    gate = Q(step="", action_type=f"workflow_{workflow}")
    return gate | Q(Exists(of_it), step__in=sorted(_places(workflow)))


def of_customer(text: str) -> Q:
    """Proposals whose customer's name has this text in it; of the first 50 such names."""
    found = [name for name in _waiting_customers() if text.casefold() in name.casefold()]
    return Q(customer_name__in=found[:_NAMES])


def _places(workflow: str) -> Iterator[str]:
    """The step of a proposal: one of any version, a push of it that is tried again, or the correction of a check."""
    for row in WorkflowContract.objects.filter(workflow_type=workflow):
        contract = contract_or_problem(row)
        if isinstance(contract, Contract):
            yield from (step.name for step in contract.fan_out)
            yield from (f"again:{step.name}"[:_LONGEST_STEP] for step in contract.fan_out)
            yield from (f"verify:{check.name}"[:_LONGEST_STEP] for check in contract.verify)


def _waiting_customers() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS)
        return [name for (name,) in cursor.fetchall()]

"""A defect for the orders that are continued: one step of their first run fails for good, and not that of the rerun."""

from collections.abc import Sequence
from typing import Any

from tests.functional.crash.orders import CONTINUED, FIRST_RUN
from workflows_app.effects import apply
from workflows_app.models import WorkflowRun


def build_in() -> None:
    """Let the programs of such customers not be written."""
    insert = apply._TOGETHER["row.insert"]

    def inserted(effects: Sequence[Any], context: Any) -> None:
        if effects[0]["table"] == "customer_programs" and _is_broken(context.run_id):
            raise ZeroDivisionError("a defect")
        insert(effects, context)

    apply._TOGETHER["row.insert"] = inserted


def _is_broken(run_id: str) -> bool:
    return WorkflowRun.objects.filter(pk=run_id, trigger_key__startswith=f"{FIRST_RUN}{CONTINUED}-").exists()

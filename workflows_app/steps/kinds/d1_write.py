"""`d1_write`: rows of the mirror and of derived tables."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from workflows_app.contracts.schema import OperationItem, Step
from workflows_app.effects.data import Effect
from workflows_app.steps.base import Change, PlanEnv, StepKind, StepSkippedError
from workflows_app.steps.operations import describe_operations, plan_operations


class D1Write(Step):
    """Insert, update, upsert, promote and event, in order; the loader refuses what needs an approved proposal."""

    operations: Annotated[tuple[OperationItem, ...], Field(min_length=1)]


class D1WriteKind(StepKind[D1Write]):
    """Writes rows in the transaction of the step's record."""

    name = "d1_write"
    options = D1Write

    def plan(self, step: D1Write, env: PlanEnv) -> list[Effect]:
        """The row effects. Skipped when no row matches and nothing is new."""
        effects = plan_operations(step.operations, env, nested=False)
        if not effects:
            raise StepSkippedError("there is nothing to write")
        return effects

    def describe(self, step: D1Write) -> Sequence[Change]:
        """One row per operation."""
        return describe_operations(step.operations)

"""`d1_write`: rows of the mirror and of derived tables."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from workflows_app.contracts.schema import EventOperation, OperationItem, Step
from workflows_app.effects.data import Effect
from workflows_app.steps.base import Change, PlanEnv, StepKind, StepSkippedError
from workflows_app.steps.operations import ROW_OPERATIONS, describe_operations, plan_operations


class D1Write(Step):
    """Insert, update, upsert and promote, in order; a letter, a push or a proposal is a step of its own."""

    operations: Annotated[tuple[OperationItem, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rows_only(self) -> "D1Write":
        if any(not isinstance(operation, (*ROW_OPERATIONS, EventOperation)) for operation in self.operations):
            raise PydanticCustomError("d1_write_rows", "d1_write takes insert, update, upsert, promote and event only")
        return self


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

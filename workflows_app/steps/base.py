"""What a step kind is. One file per kind stands in `steps/kinds/`; `steps/registry.py` names them all."""

from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from approvals.canonical import to_json
from workflows_app.contracts.expressions import Value, render
from workflows_app.contracts.schema import Contract, Step
from workflows_app.effects.data import Effect
from workflows_app.effects.identity import derive_id
from workflows_app.reading.scope import Scope

S = TypeVar("S", bound=Step)


class StepSkippedError(Exception):
    """A kind found a reason to do nothing for this item; the reason shows on the card."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One row of the table "what changes when this workflow runs"."""

    system: str
    resource: str
    action: str
    status: str = "REAL"
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class PlanEnv:
    """Where a step is planned: its contract, its run, the item of its loop, and what expressions see."""

    contract: Contract
    run_id: str
    step: str
    item: str = ""
    scope: Scope

    def derive_id(self, kind: str, *operation: str) -> str:
        """The id of a row born in this place; `operation` tells apart the rows of one step."""
        return derive_id(kind, self.run_id, self.step, self.item, *operation)

    def value(self, template: Any) -> Any:
        """Render the `${{ }}` of a value of any depth into JSON-ready data (decimals and moments as text)."""
        return to_json(render(template, self.scope))

    def text(self, template: str) -> str:
        """Render to text; NULL becomes the empty text."""
        value: Value = render(template, self.scope)
        return "" if value is None else str(to_json(value))

    def bind(self, alias: str, value: Value) -> "PlanEnv":
        """The same place with a further loop alias."""
        return replace(self, scope=self.scope.bind(alias, value))


class StepKind(Generic[S]):
    """Plans effects from inputs and context, without side effects, and describes what such a step changes."""

    name: str
    options: type[S]

    def plan(self, step: S, env: PlanEnv) -> list[Effect]:
        """The effects of one item. Raises `StepSkippedError` with a reason, or `PlanningError`."""
        raise NotImplementedError

    def describe(self, step: S) -> list[Change]:
        """What such a step changes, for the contract page."""
        raise NotImplementedError


class PlanningError(Exception):
    """A step cannot be planned from these inputs and this context; the message says why."""

"""What a step kind is. One file per kind stands in `steps/kinds/`; `steps/registry.py` names them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from approvals.canonical import to_json
from workflows_app.contracts.expressions import Value, render
from workflows_app.contracts.schema import Contract, Step
from workflows_app.drafting.frozen import NOT_DRAFTED, Drafts
from workflows_app.effects.data import Effect
from workflows_app.effects.identity import derive_id
from workflows_app.reading.scope import Scope
from workflows_app.steps.columns import is_row_effect, typed_row
from workflows_app.steps.errors import PlanningError, StepSkippedError

__all__ = ["Change", "PlanEnv", "PlanningError", "StepKind", "StepSkippedError"]

S = TypeVar("S", bound=Step)


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
    """Where a step is planned: its contract, its run, the item of its loop, and what expressions see.

    `planned`: rows that earlier effects of the same plan insert or change, by (table, id), with the columns that they
    set; reading rows for an update looks through it, so that a step can change what an earlier one creates.
    `place`: the nested proposals around, outermost first; they tell apart the ids of what is born in them.
    `drafts`: what a language model wrote for the run, frozen before it was planned.
    """

    contract: Contract
    run_id: str
    step: str
    item: str = ""
    scope: Scope
    planned: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    place: tuple[str, ...] = ()
    drafts: Drafts = NOT_DRAFTED

    def derive_id(self, kind: str, *operation: str) -> str:
        """The id of a row born in this place; `operation` tells apart the rows of one step."""
        return derive_id(kind, self.run_id, self.step, self.item, *self.place, *operation)

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

    def name(self, operation: str, values: Mapping[str, Any]) -> "PlanEnv":
        """The same place where `steps.<this step>.<operation>` means `values`."""
        mine = {**self.scope.steps.get(self.step, {}), operation: dict(values)}
        return replace(self, scope=replace(self.scope, steps={**self.scope.steps, self.step: mine}))


class StepKind(Generic[S]):
    """Plans effects from inputs and context, without side effects, and describes what such a step changes."""

    name: str
    options: type[S]

    def plan(self, step: S, env: PlanEnv) -> list[Effect]:
        """The effects of one item. Raises `StepSkippedError` with a reason, or `PlanningError`."""
        raise NotImplementedError

    def describe(self, step: S) -> Sequence[Change]:
        """What such a step changes, for the contract page."""
        raise NotImplementedError

    def results(self, step: S, effects: Sequence[Effect]) -> dict[str, dict[str, Any]]:
        """What later expressions call `steps.<step>.<operation>`: the typed row of each operation outside a loop."""
        named: dict[str, dict[str, Any]] = {}
        for effect in effects:
            if is_row_effect(effect) and "operation" in effect:
                named.setdefault(effect["operation"], typed_row(effect))
        return named

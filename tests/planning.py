"""Plans in tests: single steps, written as they stand in a contract, and released contracts as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from workflows_app.contracts.catalog import Catalog
from workflows_app.contracts.load import load_file
from workflows_app.contracts.schema import Contract
from workflows_app.effects.data import Effect, PlannedItem
from workflows_app.reading.scope import Scope
from workflows_app.runner.catalog import catalog
from workflows_app.runner.context import load_context
from workflows_app.runner.inputs import check_inputs
from workflows_app.runner.plan import make_plan
from workflows_app.runner.preconditions import blocking, check_preconditions
from workflows_app.steps.base import Change, PlanEnv
from workflows_app.steps.registry import KINDS

NOW = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
_KNOWN = Catalog(tables={}, step_kinds={name: kind.options for name, kind in KINDS.items()})


def contract_of(*steps: Mapping[str, Any], risk_level: int = 3) -> Contract:
    """A contract with these steps and nothing else."""
    data = {
        "workflow_type": "made_up",
        "contract_version": 1,
        "title": "Made up",
        "description": "For a test.",
        "risk_level": risk_level,
        "trigger": {"kind": "manual"},
        "fan_out": steps,
    }
    return Contract.model_validate(_as_loaded(data), context={"catalog": _KNOWN}, by_alias=True, by_name=False)


def _as_loaded(value: Any) -> Any:
    """The loader gives sequences as tuples."""
    if isinstance(value, Mapping):
        return {key: _as_loaded(item) for key, item in value.items()}
    return tuple(_as_loaded(item) for item in value) if isinstance(value, list | tuple) else value


def env_of(contract: Contract, step: str, element: Any = None, **names: Any) -> PlanEnv:
    """Where `step` is planned; `names` is the context. `element` is the element of its loop, with its key `id`."""
    planned = next(each for each in contract.fan_out if each.name == step)
    scope = Scope(now=NOW, context=names, run={"id": "run-1", "started_at": NOW})
    item = ""
    if planned.as_ is not None:
        scope, item = scope.bind(planned.as_, element), str(element[planned.key])
    return PlanEnv(contract=contract, run_id="run-1", step=step, item=item, scope=scope)


def plan_step(step: Mapping[str, Any], *others: Mapping[str, Any], element: Any = None, **names: Any) -> list[Effect]:
    """The effects of `step` in a contract that has `others` as well."""
    contract = contract_of(step, *others)
    options = contract.fan_out[0]
    return KINDS[options.kind].plan(options, env_of(contract, options.name, element, **names))


def describe_step(step: Mapping[str, Any]) -> list[Change]:
    """The rows of the "what changes" table."""
    options = contract_of(step).fan_out[0]
    return list(KINDS[options.kind].describe(options))


@dataclass(frozen=True, kw_only=True)
class Read:
    """One reading of a released contract: which checks passed, and the plan."""

    context: Mapping[str, Any]
    checks: Mapping[str, bool]
    plan: list[PlannedItem]

    def effects(self, step: str, item: str = "") -> list[Any]:
        """What a step (or one of its items) plans."""
        return [
            effect for each in self.plan if (each["step"], each["item"]) == (step, item) for effect in each["effects"]
        ]

    def skipped(self, step: str, item: str = "") -> str:
        """Why a step does nothing; empty when it does something."""
        return next(each["skipped"] for each in self.plan if (each["step"], each["item"]) == (step, item))

    def items(self, step: str) -> list[str]:
        """The items of a step that are not skipped."""
        return [each["item"] for each in self.plan if each["step"] == step and not each["skipped"]]


@cache
def released(name: str) -> Contract:
    """A contract of `fixtures/contracts`, by its file name without ending."""
    return load_file(Path(settings.BASE_DIR) / "fixtures" / "contracts" / f"{name}.yaml", catalog()).contract


def read_contract(name: str, inputs: Mapping[str, Any] | None = None, *, now: datetime = NOW) -> Read:
    """Load the context, check, and plan unless a check blocks."""
    contract = released(name)
    scope = Scope(now=now, inputs=check_inputs(contract, inputs or {}), run={"id": "run-1", "started_at": now})
    scope = replace(scope, context=load_context(contract, scope))
    results = check_preconditions(contract, scope)
    checks = {check["check"]: check["passed"] for check in results}
    return Read(context=scope.context, checks=checks, plan=[] if blocking(results) else make_plan(contract, scope))

"""Does what an earlier run did agree with what would be planned now? The rest is planned now, and stands beside it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflows_app.contracts.expressions import EvaluationError
from workflows_app.contracts.schema import Contract
from workflows_app.effects.data import Effect
from workflows_app.reading.errors import ReadingError
from workflows_app.reading.scope import Scope
from workflows_app.runner.plan import make_plan
from workflows_app.runner.preconditions import CheckResult
from workflows_app.runner.reuse import Reuse
from workflows_app.steps.errors import PlanningError

CHECK = "reused_as_it_would_be_now"
_SAID = {"row.insert": "values", "row.update": "set", "row.upsert": "set", "netsuite.push": "record"}
_MOST = 5


def agreement(
    contract: Contract, scope: Scope, reuse: Reuse, edits: Sequence[Mapping[str, Any]]
) -> Iterator[CheckResult]:
    """One warning of a run that continues another: a price that changed since stands in one of two papers only.

    A row that holds what would be written now is no difference. None for a run that continues no other.
    """
    if not reuse.items:
        return
    try:
        found = list(_differences(contract, scope, reuse, edits))
    except (PlanningError, EvaluationError, ReadingError) as error:
        found = [f"what was done could not be planned now: {error}"]
    more = f"; and {len(found) - _MOST} more" if len(found) > _MOST else ""
    yield {
        "check": CHECK,
        "severity": "warn",
        "passed": not found,
        "rule": f"what run {reuse.run_id} did is what would be planned now",
        "detail": "; ".join(found[:_MOST]) + more,
    }


def _differences(contract: Contract, scope: Scope, reuse: Reuse, edits: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for item in make_plan(contract, scope, edits=edits):
        done = reuse.items.get((item["step"], item["item"]))
        if done is not None:
            label = f"{item['step']} {item['item']}".strip()
            yield from _changed(label, done["reused"]["effects"], item["effects"])


def _changed(label: str, done: Sequence[Effect], now: Sequence[Effect]) -> Iterator[str]:
    planned = {_place(effect): _said(effect) for effect in now}
    for effect in done:
        before, after = _said(effect), planned.get(_place(effect), {})
        for name in sorted(before.keys() & after.keys()):
            if before[name] != after[name]:
                yield f"{label}: {name} was {before[name]} and would be {after[name]}"


def _place(effect: Effect) -> tuple[str, ...]:
    """What tells an effect of a step from its others."""
    return effect["kind"], str(effect.get("table", "")), str(effect["id"]), *sorted(_said(effect))


def _said(effect: Effect) -> Mapping[str, Any]:
    """The values that an effect writes or sends; a proposal has a decision of its own."""
    return effect.get(_SAID.get(effect["kind"], ""), {})  # type: ignore[return-value]

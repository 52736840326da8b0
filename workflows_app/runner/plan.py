"""The plan phase: every step of a run as effects, from inputs and context, without side effects."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from workflows_app.contracts.expressions import is_true
from workflows_app.contracts.schema import Contract, Step
from workflows_app.delivery.letters import LetterError, validate_letter
from workflows_app.drafting.frozen import NOT_DRAFTED, Drafts
from workflows_app.effects.data import Effect, Plan, PlannedItem
from workflows_app.reading.scope import Scope
from workflows_app.runner.reuse import NOTHING, Reuse
from workflows_app.steps.base import PlanEnv, PlanningError, StepSkippedError
from workflows_app.steps.current import laid_over
from workflows_app.steps.loop import elements
from workflows_app.steps.registry import KINDS

LEFT_OUT = "left out by hand"


def item_edit(step: str, item: str) -> str:
    """The `item` of an edit whose tick is for one item of a step that loops."""
    return f"{step}/{item}"


def make_plan(
    contract: Contract,
    scope: Scope,
    *,
    edits: Sequence[Mapping[str, Any]] = (),
    reuse: Reuse = NOTHING,
    drafts: Drafts = NOT_DRAFTED,
) -> Plan:
    """Plan all steps in order; later steps see the ids of earlier ones, and of what is reused.

    An item of a loop whose tick an edit took away is skipped: items do not depend on each other (DESIGN.md section 3).
    Raises `PlanningError`, `EvaluationError`.
    """
    plan: Plan = []
    left_out = _unticked(edits)
    overlay: Mapping[tuple[str, str], Mapping[str, Any]] = {}
    for step in contract.ordered_steps:
        env = PlanEnv(
            contract=contract,
            run_id=_origin(scope),
            step=step.name,
            scope=scope,
            planned=overlay,
            drafts=drafts,
        )
        items = reuse.settled.get(step.name) or _step_items(step, env, reuse, left_out)
        plan.extend(items)
        overlay = laid_over(overlay, (effect for item in items for effect in item["effects"]))
        results = {**step_results(step, items), "items": sum(not item["skipped"] or "reused" in item for item in items)}
        scope = replace(scope, steps={**scope.steps, step.name: results})
    return _edited(plan, [edit for edit in edits if ":" not in str(edit["item"])])


def plan_item(
    contract: Contract, step: Step, item: str, scope: Scope, drafts: Drafts = NOT_DRAFTED
) -> PlannedItem | None:
    """One item of a step, planned by itself in the world of `scope`; None when its element is not there.

    Raises `PlanningError`, `EvaluationError`.
    """
    env = PlanEnv(contract=contract, run_id=_origin(scope), step=step.name, scope=scope, drafts=drafts)
    return next((_planned(step, found) for found in _items(step, env) if found.item == item), None)


def step_results(step: Step, items: Sequence[PlannedItem]) -> dict[str, Any]:
    """What later expressions may name: `items` (how many are done here) and, without a loop, each operation's row."""
    active = [item["effects"] for item in items if not item["skipped"]]
    known = active or [item["reused"]["effects"] for item in items if "reused" in item]
    named = KINDS[step.kind].results(step, known[0]) if known and step.for_each is None else {}
    return {"items": len(active), **named}


def all_results(contract: Contract, plan: Plan) -> dict[str, Any]:
    """`steps` of a finished plan, for verify checks and tags."""
    return {
        step.name: step_results(step, [item for item in plan if item["step"] == step.name]) for step in contract.fan_out
    }


def _origin(scope: Scope) -> str:
    """The run from which the ids of rows are derived: this one, or the first of those that it continues."""
    return str(scope.run.get("origin", scope.run["id"]))


def _step_items(step: Step, env: PlanEnv, reuse: Reuse, left_out: AbstractSet[str]) -> list[PlannedItem]:
    """The items of a step, sorted by key; what was done before stays, also when its element is gone."""
    done = {item: planned for (name, item), planned in reuse.items.items() if name == step.name}
    fresh = {each.item: each for each in _items(step, env)}
    items = [done.get(item) or _wanted(step, fresh[item], left_out) for item in sorted({*done, *fresh})]
    return items or [_skip(step, "", "nothing to loop over")]


def _wanted(step: Step, env: PlanEnv, left_out: AbstractSet[str]) -> PlannedItem:
    """The item as planned, or skipped when a person left it out; a reason of its own comes first."""
    planned = _planned(step, env)
    if env.item and not planned["skipped"] and item_edit(step.name, env.item) in left_out:
        return _skip(step, env.item, LEFT_OUT)
    return planned


def _items(step: Step, env: PlanEnv) -> Iterator[PlanEnv]:
    """One environment per item of the loop, sorted by key; a single one without a loop."""
    if step.for_each is None:
        yield env
        return
    for key, item in elements(step.for_each, step.as_ or "", step.key, env):
        yield replace(item, item=key)


def _planned(step: Step, env: PlanEnv) -> PlannedItem:
    if step.if_ is not None and not is_true(step.if_, env.scope):
        return _skip(step, env.item, f"the condition does not hold: {step.if_}")
    try:
        effects: list[Effect] = KINDS[step.kind].plan(step, env)
    except StepSkippedError as reason:
        return _skip(step, env.item, str(reason))
    return {"step": step.name, "item": env.item, "kind": step.kind, "skipped": "", "effects": effects}


def _skip(step: Step, item: str, reason: str) -> PlannedItem:
    return {"step": step.name, "item": item, "kind": step.kind, "skipped": reason, "effects": []}


def _edited(plan: Plan, edits: Sequence[Mapping[str, Any]]) -> Plan:
    """The plan with edited fields of effects, which the effect itself must list as editable."""
    return [{**item, "effects": edit_effects(item["effects"], edits)} for item in plan] if edits else plan


def edit_effects(effects: list[Effect], edits: Sequence[Mapping[str, Any]]) -> list[Effect]:
    """The effects, and those nested in them, with the edits that name their id and an editable field.

    An effect whose tick was taken away is left out. Raises `PlanningError`: a letter could not be sent.
    """
    unticked = _unticked(edits)
    return [
        _edit_effect(dict(effect), edits) for effect in effects if not ("tick" in effect and effect["id"] in unticked)
    ]


def _unticked(edits: Sequence[Mapping[str, Any]]) -> AbstractSet[str]:
    """The items whose tick was taken away. Raises `PlanningError` for a tick that is neither true nor false."""
    ticks = {edit["item"]: edit["value"] for edit in edits if edit["field"] == "tick"}
    if not all(isinstance(value, bool) for value in ticks.values()):
        raise PlanningError("A tick is true or false.")
    return {item for item, ticked in ticks.items() if not ticked}


def _edit_effect(effect: dict[str, Any], edits: Sequence[Mapping[str, Any]]) -> Any:
    mine = {edit["field"]: edit["value"] for edit in edits if edit["item"] == effect.get("id")}
    effect |= {field: value for field, value in mine.items() if field in effect.get("editable", ())}
    if mine and effect["kind"] == "email.send":
        _check_letter(effect)
    if "on_approve" in effect:
        effect["on_approve"] = edit_effects(effect["on_approve"], edits)
    return effect


def _check_letter(letter: Mapping[str, Any]) -> None:
    try:
        validate_letter(letter["subject"], letter["body"])
    except LetterError as error:
        raise PlanningError(f"The letter could not be sent like this: {error}.") from error

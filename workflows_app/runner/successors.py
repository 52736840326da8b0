"""What takes the place of a leaf: the same once more, edited, or planned anew."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from approvals import services
from approvals.canonical import canonical, parse
from approvals.hooks import DecisionRefusedError
from approvals.models import ProposedAction
from approvals.new_proposal import NewProposal
from workflows_app.contracts.schema import Contract, Step
from workflows_app.delivery.artifacts import ArtifactError
from workflows_app.effects import proposals
from workflows_app.effects.data import Effect, PlannedItem, ProposalStage
from workflows_app.effects.difference import Difference, differences
from workflows_app.effects.errors import EffectError
from workflows_app.effects.identity import derive_id
from workflows_app.models import WorkflowRun
from workflows_app.runner import leaf
from workflows_app.runner.context import load_context
from workflows_app.runner.drafts import drafts_of
from workflows_app.runner.plan import all_results, plan_item
from workflows_app.runner.progress import Progress
from workflows_app.runner.reading import base_scope
from workflows_app.runner.recheck import READING_ERRORS
from workflows_app.runner.release import contract_for

_ERRORS = (*READING_ERRORS, EffectError, ArtifactError)


def copy(old: ProposedAction, effects: str, changed: list[Difference]) -> NewProposal:
    """The proposal once more at the next revision, with other effects."""
    return services.once_more(old, id=_id(old), effects=effects, difference=canonical(changed))


def changes(old: ProposedAction, was: list[Effect], now: list[Effect]) -> list[Difference]:
    """What differs between two lists of effects of one leaf; an effect whose tick was taken away is gone."""
    return differences(_as_item(old, was), _as_item(old, now))


def planned_anew(old: ProposedAction, by: str, now: datetime) -> NewProposal:
    """The leaf as its step plans it now, by the contract version of its run; the caller holds the shared lock.

    Raises `DecisionRefusedError` when there is nothing to propose any more. Edits are not carried over: they were made
    to another text, and the difference shows it.
    """
    text = parse(old.effects)
    try:
        new = _planned(old, text, by, now)
        broken = leaf.broken_rule(new, now)
    except _ERRORS as error:
        raise DecisionRefusedError(f"It cannot be planned anew: {error}") from error
    if broken:
        raise DecisionRefusedError(f"It would be closed at once: {broken}")
    changed = changes(old, text["on_approve"], parse(new.effects)["on_approve"])
    return replace(new, id=_id(old), difference=canonical(changed))


def _planned(old: ProposedAction, text: dict[str, Any], by: str, now: datetime) -> NewProposal:
    run = WorkflowRun.objects.select_related("contract").get(pk=old.run_id)
    context = replace(leaf.apply_context(old, text, now), outputs=Progress.load(run).outputs(), proposed_by=by)
    return proposals.new(_effect(run, old, text, now), context)


def _effect(run: WorkflowRun, old: ProposedAction, text: dict[str, Any], now: datetime) -> ProposalStage:
    """The step's item planned over fresh context; what the other steps of the run did is as it was then."""
    contract = contract_for(run.contract)
    scope = base_scope(run, now)
    scope = replace(scope, context=load_context(contract, scope, edits=parse(run.edits)))
    scope = replace(scope, steps=all_results(contract, parse(run.plan)))
    item = leaf.loop_item(old, text)
    planned = plan_item(contract, _step(contract, old), item, scope, drafts_of(run, contract))
    if planned is None:
        raise DecisionRefusedError(f"{old.step}: {item} is not there any more.")
    found = next((effect for effect in _staged(planned["effects"]) if effect["id"] == text["id"]), None)
    if found is None:
        raise DecisionRefusedError(f"It is not planned any more: {planned['skipped'] or 'its condition does not hold'}")
    return found


def _step(contract: Contract, old: ProposedAction) -> Step:
    found = next((step for step in contract.fan_out if step.name == old.step), None)
    if found is None:
        raise DecisionRefusedError("It was planned by no step of its workflow, so it cannot be planned anew.")
    return found


def _staged(effects: Iterable[Effect]) -> Iterable[ProposalStage]:
    """The proposals among the effects, and those nested in them."""
    for effect in effects:
        if effect["kind"] == "proposal.stage":
            yield effect
            yield from _staged(effect["on_approve"])


def _as_item(old: ProposedAction, effects: list[Effect]) -> PlannedItem:
    return {"step": old.step, "item": old.item, "kind": "", "skipped": "", "effects": effects}


def _id(old: ProposedAction) -> str:
    return derive_id("prp", old.pk, str(old.plan_revision + 1))

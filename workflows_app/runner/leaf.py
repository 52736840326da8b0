"""Leaf proposals: never planned again, checked by their own `recheck` rules, applied from their frozen effects."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery

from approvals import services
from approvals.canonical import parse
from approvals.clock import database_now
from approvals.models import Decision, Outcome, ProposedAction
from approvals.new_proposal import NewProposal
from workflows_app.contracts.expressions import EvaluationError, evaluate, free_names, is_true
from workflows_app.contracts.schema import Contract
from workflows_app.contracts.values import thaw
from workflows_app.effects.apply import apply_effects
from workflows_app.effects.context import ApplyContext, Authority
from workflows_app.effects.errors import EffectError, permanent
from workflows_app.effects.guard import guarded
from workflows_app.models import Alert, WorkflowContract, WorkflowRun
from workflows_app.models.lock import hold_still
from workflows_app.reading.errors import ReadingError
from workflows_app.reading.scope import Scope
from workflows_app.runner import approved, corrective, verify_staging
from workflows_app.runner.context import load_context
from workflows_app.runner.hold import on_hold
from workflows_app.runner.plan import all_results
from workflows_app.runner.reading import base_scope
from workflows_app.runner.release import contract_for


def broken_rule(proposal: ProposedAction | NewProposal, now: datetime) -> str:
    """The `recheck` rule that does not hold any more, in words; empty when the proposal may be applied."""
    text = parse(proposal.effects)
    if isinstance(proposal, ProposedAction) and corrective.is_correction(proposal):
        return _broken_correction(proposal, text, now)
    if not text["recheck"]:
        return ""
    try:
        scope = _fresh_scope(proposal, text, now)
        broken = [rule for rule in text["recheck"] if not is_true(rule, scope)]
    except (EvaluationError, ReadingError) as error:
        return f"it could not be checked again: {error}"
    return f"this does not hold any more: {broken[0]}" if broken else ""


def _broken_correction(proposal: ProposedAction, text: Mapping[str, Any], now: datetime) -> str:
    """What a failed check proposed: needed no more, or a letter in it may not be sent by its own rules any more."""
    try:
        reason = corrective.not_needed(proposal, text, now)
    except ReadingError as error:
        return f"it could not be checked again: {error}"
    return reason or next(filter(None, (broken_rule(each, now) for each in corrective.repeated(text))), "")


def objection(proposal: ProposedAction) -> str:
    """Why what an applied leaf has queued may not leave any more, in words; empty when it may.

    Raises `EffectError` when the database is busy.
    """
    try:
        with guarded():
            return broken_rule(proposal, database_now())
    except EffectError as error:
        if not error.permanent:
            raise
        return error.message


def apply_leaf(proposal: ProposedAction, now: datetime) -> None:
    """Apply the frozen effects in the caller's transaction, all or none; the checks after it have their time from now.

    Raises `EffectError`, and nothing else.
    """
    with guarded():
        text = parse(proposal.effects)
        apply_effects(text["on_approve"], apply_context(proposal, text, now))
        services.advance_outcome(proposal.pk, Outcome.APPLIED)
        verify_staging.applied(proposal, now)


def apply_approved(now: datetime) -> int:
    """Apply leaf proposals that were approved while everything was on hold, in the order of their approvals; how many.

    Each in a transaction of its own; one that can never be applied is closed with an alert, and the others go on.
    """
    waiting = ProposedAction.objects.filter(status="approved", outcome=Outcome.APPROVED).exclude(step="")
    decided = Decision.objects.filter(proposal_id=OuterRef("pk")).order_by("-seq").values("seq")[:1]
    in_order = waiting.order_by(Subquery(decided)).values_list("pk", flat=True)
    return sum(_apply_waiting(proposal_id, now) for proposal_id in list(in_order))


def _apply_waiting(proposal_id: str, now: datetime) -> bool:
    try:
        with guarded():
            return _apply_locked(proposal_id, now)
    except EffectError as error:
        if error.permanent:
            _give_up(proposal_id, error.message, now)
        return False  # the database was busy: the next pass tries again


def _apply_locked(proposal_id: str, now: datetime) -> bool:
    """Apply it, unless somebody did or it has to wait. Raises `EffectError`: it may not be applied, or not yet."""
    proposal = ProposedAction.objects.select_for_update().get(pk=proposal_id)
    hold_still()
    if (proposal.status, proposal.outcome) != ("approved", Outcome.APPROVED) or on_hold():
        return False
    reason = approved.leaf_refusal(proposal) or broken_rule(proposal, now)
    if reason:
        raise permanent(reason)
    apply_leaf(proposal, now)
    return True


@transaction.atomic
def _give_up(proposal_id: str, reason: str, now: datetime) -> None:
    if services.close(proposal_id, reason):
        title = ProposedAction.objects.get(pk=proposal_id).title
        message = f"{title}: {reason}"
        Alert.objects.raise_alert(f"proposal:{proposal_id}", kind="not_applied", message=message, now=now)


def loop_item(proposal: ProposedAction | NewProposal, text: Mapping[str, Any]) -> str:
    """The key of the element that the step of a leaf was planned for; empty without a loop."""
    return str(text["place"][0]) if "place" in text else proposal.item


def _fresh_scope(proposal: ProposedAction | NewProposal, text: Mapping[str, Any], now: datetime) -> Scope:
    """Freshly loaded context, the loop's element with the same key (NULL when it is gone), and `was`."""
    run = WorkflowRun.objects.get(pk=proposal.run_id)
    contract = _contract(text)
    scope = replace(base_scope(run, now), was=thaw(text["was"]))
    sources = [*text["recheck"], *([text["for_each"]] if text["for_each"] else [])]
    named = {path[0] for source in sources for path in free_names(source)}
    if "steps" in named:
        scope = replace(scope, steps=all_results(contract, parse(run.plan)))
    names = _needed(contract, named)
    scope = replace(scope, context=load_context(contract, scope, edits=parse(run.edits), only=names))
    if not text["for_each"]:
        return scope
    elements = evaluate(text["for_each"], scope) or []
    return scope.bind(text["alias"], _same(elements, text["key"], loop_item(proposal, text)))


def _same(elements: Iterable[Any], key: str, item: str) -> Any:
    return next((element for element in elements if str(element[key]) == item), None)


def _needed(contract: Contract, names: set[str]) -> set[str]:
    """`names` with the context entries that their parameters need, back to front."""
    for entry in reversed(contract.context):
        if entry.name in names:
            params = entry.params.values() if isinstance(entry.params, dict) else entry.params
            names = names | {path[0] for text in params for path in free_names(text)}
    return names


def _contract(text: Mapping[str, Any]) -> Contract:
    version = text["contract"]
    row = WorkflowContract.objects.get(workflow_type=version["workflow_type"], contract_version=version["version"])
    return contract_for(row)


def apply_context(proposal: ProposedAction, text: Mapping[str, Any], now: datetime) -> ApplyContext:
    """Where and by whose authority the effects of a leaf are applied."""
    run = WorkflowRun.objects.get(pk=proposal.run_id)
    return ApplyContext(
        run_id=proposal.run_id,
        workflow_type=run.workflow_type,
        contract_version=text["contract"]["version"],
        step=proposal.step,
        item=proposal.item,
        inputs=text["inputs"],
        plan_revision=proposal.plan_revision,
        proposed_by=proposal.proposed_by,
        now=now,
        authority=Authority(proposal_id=proposal.pk, digest=proposal.digest),
        causes=(*parse(run.trigger)["causes"], run.workflow_type),
    )

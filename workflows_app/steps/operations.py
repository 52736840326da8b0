"""Operations as effects: what `d1_write` does at once and what `on_approve` freezes for later.

Operations are planned in order. Each sees the rows that the ones before it insert or change (`PlanEnv.planned`) and
their ids (`steps.<step>.<operation>.id`); the rows for all elements of its loop are read together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from workflows_app.contracts.expressions import is_true
from workflows_app.contracts.schema import (
    AgainOperation,
    EmailOperation,
    EventOperation,
    InsertOperation,
    Operation,
    PromoteOperation,
    Proposal,
    PushOperation,
    StageOperation,
    UpdateOperation,
    UpsertOperation,
)
from workflows_app.effects.data import Effect, ProposalStage
from workflows_app.steps.again import done_again
from workflows_app.steps.base import Change, PlanEnv
from workflows_app.steps.columns import is_row_effect, typed_row
from workflows_app.steps.current import laid_over
from workflows_app.steps.errors import PlanningError, StepSkippedError
from workflows_app.steps.letters import attachment, email_effect, letter_text, recipient
from workflows_app.steps.loop import elements
from workflows_app.steps.proposals import stage_effect
from workflows_app.steps.pushes import push_effect
from workflows_app.steps.row_operations import (
    Place,
    operation_name,
    plan_insert,
    plan_promote,
    plan_update,
    plan_upsert,
)

ROW_OPERATIONS = (InsertOperation, UpdateOperation, UpsertOperation, PromoteOperation)


def plan_operations(operations: Sequence[Operation], env: PlanEnv, *, nested: bool = True) -> list[Effect]:
    """The effects of `operations`, in order. Raises `PlanningError`.

    `nested`: they stand in `on_approve` of a proposal; only there a letter, a push or a further proposal is legal.
    """
    effects: list[Effect] = []
    for operation in operations:
        if not nested and not isinstance(operation, (*ROW_OPERATIONS, EventOperation)):
            raise PlanningError(f"{operation_name(operation)} needs an approved proposal")
        found = _named(operation, _planned(operation, list(_places(operation, env))))
        env = _after(operation, found, env)
        effects.extend(found)
    return effects


def plan_proposal(proposal: Proposal, env: PlanEnv, operation: str = "") -> ProposalStage:
    """A proposal with its own effects frozen at the same time."""
    inner = replace(env, place=(*env.place, operation)) if operation else env
    frozen = plan_operations(proposal.on_approve, inner)
    return stage_effect(proposal, proposal.action_type, env, frozen, operation=operation)


def _planned(operation: Operation, places: Sequence[Place]) -> list[Effect]:
    """The effects of all places, read together; or each on its own, to know whose effects a tick leaves out."""
    plan = _PLAN[type(operation)]
    if not operation.tick:
        return plan(operation, places)
    return [_ticked(effect, place.element) for place in places for effect in plan(operation, [place])]


def _ticked(effect: Effect, element: str) -> Effect:
    editable = [*cast(list[str], effect.get("editable") or []), "tick"]
    return cast(Effect, {**effect, "tick": True, "element": element, "editable": editable})


def _places(operation: Operation, env: PlanEnv) -> Iterator[Place]:
    """Where an operation happens: once, or for each element of its loop, where its `if` is TRUE."""
    name = operation_name(operation)
    found = [("", env)]
    if operation.for_each is not None:
        found = list(elements(operation.for_each, operation.as_ or "", operation.key, env))
    for key, place in found:
        if operation.if_ is None or is_true(operation.if_, place.scope):
            yield Place(operation=name, element=key, env=place)


def _emails(operation: EmailOperation, places: Sequence[Place]) -> list[Effect]:
    return [effect for place in places for effect in _email(operation, place)]


def _email(operation: EmailOperation, place: Place) -> Iterator[Effect]:
    """The letter, unless its address is blank or none: a letter to nobody is no letter."""
    letter = operation.email
    try:
        to = recipient(letter.to, "", place.env)
    except StepSkippedError:
        return
    files = [attachment(step, f"{step}.pdf", place.env) for step in letter.attach]
    yield email_effect(
        place.env,
        operation=_path(place),
        action_type="customer_email",
        to=to,
        text=letter_text(letter, place.env),
        customer_id=letter.customer_id,
        quote=letter,
        attachments=[file for file in files if file is not None],
    )


def _pushes(operation: PushOperation, places: Sequence[Place]) -> list[Effect]:
    return [push_effect(operation.push, place.env) for place in places]


def _events(operation: EventOperation, places: Sequence[Place]) -> list[Effect]:
    event = operation.event
    return [
        {
            "kind": "event.record",
            "id": place.env.derive_id("evt", _path(place)),
            "event_type": event.type,
            "idempotency_key": place.env.text(event.key),
            "payload": place.env.value(event.payload),
        }
        for place in places
    ]


def _stages(operation: StageOperation, places: Sequence[Place]) -> list[Effect]:
    return [plan_proposal(operation.stage, place.env, _path(place)) for place in places]


def _agains(operation: AgainOperation, places: Sequence[Place]) -> list[Effect]:
    return [effect for place in places for effect in done_again(operation.again, place.env)]


def _path(place: Place) -> str:
    return f"{place.operation}:{place.element}" if place.element else place.operation


_PLAN: Mapping[type[Operation], Callable[[Any, Sequence[Place]], list[Effect]]] = {
    InsertOperation: plan_insert,
    UpdateOperation: plan_update,
    UpsertOperation: plan_upsert,
    PromoteOperation: plan_promote,
    EmailOperation: _emails,
    PushOperation: _pushes,
    EventOperation: _events,
    StageOperation: _stages,
    AgainOperation: _agains,
}


def _named(operation: Operation, effects: list[Effect]) -> list[Effect]:
    """Row effects with the name of their operation, when it is not a loop and so means one row."""
    if operation.for_each is not None or not isinstance(operation, ROW_OPERATIONS):
        return effects
    return [cast(Effect, {**effect, "operation": operation_name(operation)}) for effect in effects]


def _after(operation: Operation, effects: Sequence[Effect], env: PlanEnv) -> PlanEnv:
    """What the next operation sees."""
    if not effects:
        return env
    env = replace(env, planned=laid_over(env.planned, effects))
    first = effects[0]
    if is_row_effect(first) and "operation" in first:
        env = env.name(first["operation"], typed_row(first))
    return env


# --- what such operations change, for the contract page --------------------------------------------------------------


def describe_operations(operations: Sequence[Operation], suffix: str = "") -> list[Change]:
    """The rows of the "what changes" table; `suffix` says when, e.g. ` (when approved)`."""
    return [
        Change(system=system, resource=resource, action=f"{action}{suffix}")
        for operation in operations
        for system, resource, action in _described(operation)
    ]


def _described(operation: Operation) -> list[tuple[str, str, str]]:
    batch = " (batch)" if operation.for_each is not None else ""
    match operation:
        case InsertOperation():
            return [("D1", operation.insert, f"INSERT{batch}")]
        case UpdateOperation():
            return [("D1", operation.update, f"UPDATE {', '.join(operation.set)}{batch}")]
        case UpsertOperation():
            return [("D1", operation.upsert, f"UPSERT{batch}")]
        case PromoteOperation():
            source, target = operation.promote, operation.into
            return [("D1", target, f"UPSERT (from {source})"), ("D1", source, "UPDATE status")]
    return _described_delivery(operation)


def _described_delivery(operation: Operation) -> list[tuple[str, str, str]]:
    match operation:
        case EmailOperation():
            return [("D1", "outbound_email_log", "INSERT (letter)")]
        case PushOperation():
            return [(f"NetSuite (via {operation.push.queue})", operation.push.record_type, "push")]
        case EventOperation():
            return [("Event", operation.event.type, "fire")]
        case StageOperation():
            return [("D1", "proposed_actions", f"INSERT (action_type={operation.stage.action_type})")]
        case AgainOperation():
            return [("Outbox", operation.again, "send or push again")]
    raise NotImplementedError(type(operation).__name__)

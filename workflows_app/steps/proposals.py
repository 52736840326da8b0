"""`proposal.stage`: a proposal with frozen effects, its recheck rules and the world that they compare with."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from approvals.canonical import to_json
from workflows_app.contracts.expressions import free_names
from workflows_app.contracts.operations import ProposalBody
from workflows_app.contracts.schema import Step
from workflows_app.contracts.values import freeze
from workflows_app.effects.data import Effect, ProposalStage
from workflows_app.effects.proposals import LEAST_RISK
from workflows_app.steps.base import PlanEnv
from workflows_app.steps.errors import PlanningError

_LONGEST_REF = 200


def stage_effect(
    body: ProposalBody,
    action_type: str,
    env: PlanEnv,
    on_approve: Sequence[Effect],
    *,
    operation: str = "",
    payload: Mapping[str, Any] | None = None,
    title: str = "",
) -> ProposalStage:
    """The proposal `body` as data. `title`: what to show when the contract gives none.

    `operation`: the one that stages it when another proposal is approved; empty for the step's own.
    """
    step = _step(env)
    nested: dict[str, list[str]] = {"place": [env.item, *env.place, operation]} if operation else {}
    effect: dict[str, Any] = {
        "kind": "proposal.stage",
        "id": env.derive_id("pro", action_type, operation),
        "action_type": action_type,
        "entity_type": body.entity_type,
        "entity_ref": _reference(env.text(body.entity_ref)),
        "customer_name": env.text(body.customer_name)[:200],
        "title": (env.text(body.title or "") or title or _title(action_type, body, env))[:200],
        "summary": env.text(body.summary),
        "amount": amount(body.amount, env),
        "payload": {**env.value(body.payload), **(payload or {})},
        "risk_level": max(LEAST_RISK, env.contract.risk_level),
        "window_minutes": body.window_minutes,
        "expires_seconds": body.expires_after,
        "on_approve": list(on_approve),
        "recheck": [str(rule) for rule in body.recheck],
        "was": world(body.recheck, step, env),
        "alias": (step and step.as_) or "",
        "for_each": str((step and step.for_each) or ""),
        "key": step.key if step and step.for_each else "",
        **nested,
    }
    return cast(ProposalStage, effect)


def amount(template: str | None, env: PlanEnv) -> str | None:
    """Money with two decimals as text; None when there is none. Raises `PlanningError` for what is no number."""
    text = env.text(template or "")
    if not text:
        return None
    try:
        return str(to_json(Decimal(text).quantize(Decimal("0.01"))))
    except InvalidOperation as error:
        raise PlanningError(f"{text!r} is not an amount of money") from error


def world(recheck: Sequence[str], step: Step | None, env: PlanEnv) -> Any:
    """What `was` will mean: the element of the step's loop, or the context entries that the rules name. Frozen."""
    if not recheck:
        return None
    if step is not None and step.as_ is not None:
        return freeze(env.scope.aliases[step.as_])
    names = {_entry(path) for rule in recheck for path in free_names(rule)}
    return freeze({name: env.scope.context[name] for name in sorted(names & env.scope.context.keys())})


def _entry(path: tuple[str, ...]) -> str:
    """The context entry that a dotted name reads, now (`invoice.amount`) or then (`was.invoice.amount`)."""
    return path[1] if path[0] == "was" and len(path) > 1 else path[0]


def _step(env: PlanEnv) -> Step | None:
    """The step; None for what a failed check proposes."""
    return next((step for step in env.contract.fan_out if step.name == env.step), None)


def _title(action_type: str, body: ProposalBody, env: PlanEnv) -> str:
    about = env.text(body.customer_name) or env.text(body.entity_ref)
    words = action_type.replace("_", " ").capitalize()
    return f"{words}: {about}" if about else words


def _reference(text: str) -> str:
    if len(text) > _LONGEST_REF:
        raise PlanningError(f"entity_ref has {len(text)} characters, and at most {_LONGEST_REF} fit")
    return text

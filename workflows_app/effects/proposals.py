"""`proposal.stage`: a proposal with its own frozen effects."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from approvals import services
from approvals.canonical import canonical, digest
from workflows_app.delivery import artifacts
from workflows_app.effects.card import columns
from workflows_app.effects.context import ApplyContext
from workflows_app.effects.data import Effect, ProposalStage
from workflows_app.effects.errors import permanent

LEAST_RISK: Final = 3  # a proposal waits for a person, whatever the risk of the run that staged it
_WINDOW_MINUTES = 60
_LONGEST_ITEM = _LONGEST_TITLE = 200


def of_our_own(
    *,
    id: str,
    action_type: str,
    entity: tuple[str, str],
    title: str,
    summary: str,
    payload: Mapping[str, Any],
    expires_seconds: int,
    on_approve: Sequence[Effect] = (),
    risk_level: int = LEAST_RISK,
) -> ProposalStage:
    """A proposal that no step of a contract stages: with an hour's window, no amount, and nothing to be checked again.

    `entity`: its type, and what refers to it.
    """
    entity_type, entity_ref = entity
    return {
        "kind": "proposal.stage",
        "id": id,
        "action_type": action_type,
        "entity_type": entity_type,
        "entity_ref": entity_ref,
        "customer_name": "",
        "title": title[:_LONGEST_TITLE],
        "summary": summary,
        "amount": None,
        "payload": dict(payload),
        "risk_level": risk_level,
        "window_minutes": _WINDOW_MINUTES,
        "expires_seconds": expires_seconds,
        "on_approve": list(on_approve),
        "recheck": [],
        "was": None,
        "alias": "",
        "for_each": "",
        "key": "",
    }


def stage(effects: Sequence[ProposalStage], context: ApplyContext) -> None:
    """Insert the proposals with one statement."""
    services.stage_many([new(effect, context) for effect in effects])


def reviewed(effect: ProposalStage, context: ApplyContext) -> dict[str, object]:
    """What the digest of a leaf proposal covers: what its card says, its effects, its recheck rules, and where it
    comes from."""
    return {
        **context.fill(dict(effect), known=frozenset({"artifact_sha256"})),
        "contract": {"workflow_type": context.workflow_type, "version": context.contract_version},
        "inputs": context.inputs,
    }


def new(effect: ProposalStage, context: ApplyContext) -> services.NewProposal:
    """The proposal to stage, its attachments kept for good. Raises `EffectError`, `ArtifactError`."""
    text = reviewed(effect, context)
    _fix_attachments(text["on_approve"])
    return services.NewProposal(
        id=effect["id"],
        **columns(text),
        window_minutes=effect["window_minutes"],
        expires_seconds=effect["expires_seconds"],
        proposed_by=context.proposed_by,
        run_id=context.run_id,
        step=context.step,
        item=_item(effect, context),
        plan_revision=context.plan_revision,
        effects=canonical(text),
    )


def _item(effect: ProposalStage, context: ApplyContext) -> str:
    """What tells apart the proposals of one step: the item of its loop, and where in another proposal it was staged."""
    text = "/".join(filter(None, effect["place"])) if "place" in effect else context.item
    return text if len(text) <= _LONGEST_ITEM else f"{text[: _LONGEST_ITEM - 33]}#{digest(text)[:32]}"


def _fix_attachments(effects: object) -> None:
    """Keep an immutable copy of every attachment, so that what is sent is what was approved."""
    for effect in effects if isinstance(effects, list) else []:
        for attachment in effect.get("attachments", []):
            if not artifacts.fix(attachment["key"]).endswith(attachment["sha256"]):
                raise permanent(f"{attachment['key']} is not the file that was rendered")
        _fix_attachments(effect.get("on_approve"))

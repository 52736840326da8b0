"""Is a push of the outbox exactly the one that was approved?"""

from collections.abc import Iterator
from typing import Any

from approvals import standing
from approvals.canonical import canonical, parse, to_json
from approvals.models import ProposedAction
from workflows_app.models import PendingPush

_SAME = ("id", "external_id", "record_type", "queue", "on_failure")


def refusal(push: PendingPush) -> str:
    """Why the record must not be sent, in words; empty when it is to the letter what a person approved."""
    proposal = push.proposal
    refused = standing.refusal(proposal, push.digest)
    if refused:
        return refused
    if not any(_is(effect, push) for effect in _effects(proposal)):
        return "it differs from the record that was approved"
    return ""


def _effects(proposal: ProposedAction) -> Iterator[dict[str, Any]]:
    """The pushes that approving applies: of an envelope's plan, or of a leaf. Not those of proposals staged by it."""
    text = parse(proposal.effects)
    if not isinstance(text, dict):
        return
    planned = [effect for item in text.get("plan", ()) for effect in item["effects"]]
    for effect in [*planned, *text.get("on_approve", ())]:
        if effect.get("kind") == "netsuite.push" and effect.get("tick") is not False:
            yield effect


def _is(effect: dict[str, Any], push: PendingPush) -> bool:
    same = all(effect.get(name) == getattr(push, name) for name in _SAME)
    expected = None if push.expected_modified is None else to_json(push.expected_modified)
    return same and effect.get("expected_modified") == expected and canonical(effect["record"]) == push.payload

"""Is a push of the outbox exactly the one that was approved?"""

import hmac
from collections.abc import Iterator
from typing import Any

from approvals.canonical import canonical, digest, parse, to_json
from approvals.models import ProposalStatus, ProposedAction, Verdict
from workflows_app.models import PendingPush

_SAME = ("id", "external_id", "record_type", "queue", "on_failure")


def refusal(push: PendingPush) -> str:
    """Why the record must not be sent, in words; empty when it is to the letter what a person approved."""
    proposal = push.proposal
    if proposal.status != ProposalStatus.APPROVED:
        return f"its proposal is {proposal.status}, not approved"
    if not _unchanged(push, proposal):
        return "its proposal is not the one that was approved"
    if not any(_is(effect, push) for effect in _effects(proposal)):
        return "it differs from the record that was approved"
    return ""


def _unchanged(push: PendingPush, proposal: ProposedAction) -> bool:
    """The effects still hash to the digest, and that digest is the push's and the decision's."""
    decided = proposal.decisions.filter(verdict=Verdict.APPROVE, digest_decided=proposal.digest)
    same = hmac.compare_digest(push.digest, proposal.digest)
    return same and digest(proposal.effects) == proposal.digest and decided.exists()


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

"""Is a letter of the outbox exactly the one that was approved?"""

from collections.abc import Iterator
from typing import Any

from approvals import standing
from approvals.canonical import parse
from approvals.models import ProposedAction
from workflows_app.models import OutboundEmail, Quote

_SAME = (
    "id",
    "action_type",
    "to",
    "subject",
    "body",
    "related_quote_id",
    "related_quote_revision",
    "related_customer_id",
)


def refusal(email: OutboundEmail) -> str:
    """Why the letter must not leave, in words; empty when it is what a person approved, word for word, and no older."""
    proposal = email.proposed_action
    refused = standing.refusal(proposal, email.digest)
    if refused:
        return refused
    if not any(_is(effect, email) for effect in _effects(proposal)):
        return "it differs from the letter that was approved"
    if outdated(email):
        return f"the quote was revised meanwhile, and this letter tells of revision {email.related_quote_revision}"
    return ""


def outdated(email: OutboundEmail) -> bool:
    """Whether the quote has another revision than the one that the letter tells of."""
    if email.related_quote_id is None or email.related_quote_revision is None:
        return False
    quotes = Quote.objects.filter(pk=email.related_quote_id).exclude(revision=email.related_quote_revision)
    return quotes.exists()


def _effects(proposal: ProposedAction) -> Iterator[dict[str, Any]]:
    """What approving the proposal applies. Effects of a proposal that it stages need a decision of their own."""
    text = parse(proposal.effects)
    effects = text.get("on_approve", []) if isinstance(text, dict) else []
    yield from (effect for effect in effects if effect.get("kind") == "email.send")


def _is(effect: dict[str, Any], email: OutboundEmail) -> bool:
    same = all(effect.get(name) == getattr(email, name) for name in _SAME)
    return same and effect.get("attachments") == parse(email.attachments) and _optional(effect) == _written(email)


def _optional(effect: dict[str, Any]) -> tuple[str, str, list[str], str | None]:
    """What an effect may leave out, as it was approved."""
    return (
        effect.get("letterhead", ""),
        effect.get("in_reply_to", ""),
        effect.get("references", []),
        effect.get("replaces"),
    )


def _written(email: OutboundEmail) -> tuple[str, str, list[str], str | None]:
    """The same, as it stands in the outbox."""
    return email.letterhead, email.in_reply_to, email.refs.split(), email.replaces_id

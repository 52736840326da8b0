"""What a card says about itself is part of the text that its digest covers; the columns only repeat it, for lists."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from approvals.canonical import canonical, parse
from approvals.models import ProposedAction


def columns(text: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a proposal that repeat its frozen text; `amount` is a Decimal or None."""
    return {
        "action_type": text["action_type"],
        "entity_type": text["entity_type"],
        "entity_ref": text["entity_ref"],
        "customer_name": text["customer_name"],
        "title": text["title"][:200],
        "summary": text["summary"],
        "payload": canonical(text["payload"]),
        "risk_level": text["risk_level"],
        "amount": None if text["amount"] is None else Decimal(text["amount"]),
    }


def is_as_reviewed(proposal: ProposedAction) -> bool:
    """Whether the columns that were on the card still say what the frozen text says."""
    return all(getattr(proposal, name) == value for name, value in columns(parse(proposal.effects)).items())

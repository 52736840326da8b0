"""Which drafts of an envelope were ticked "approve this too"."""

from collections.abc import Sequence
from typing import Final

from approvals.canonical import parse
from approvals.models import ProposedAction
from workflows_app.effects.drafts import approvable

ALL: Final = "all"


def wished(proposal: ProposedAction, ticked: Sequence[str]) -> dict[str, str]:
    """The digest of each ticked draft, by id, worked out from the text whose digest the page showed.

    `ALL` stands for every draft that the card offers; an id that it does not offer comes with no digest, and the
    decision is refused.
    """
    if not ticked:
        return {}
    offered = approvable(parse(proposal.effects))
    return offered if ALL in ticked else {item: offered.get(item, "") for item in ticked}

"""Which drafts of an envelope were ticked "approve this too", and what is said about them."""

from collections.abc import Sequence
from typing import Final

from approvals.canonical import parse
from approvals.models import ProposedAction
from workflows_app.effects.drafts import approvable
from workflows_app.presentation import words

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


def still_ticked(seen: ProposedAction, now: ProposedAction, ticked: Sequence[str]) -> frozenset[str]:
    """The ticks to show again on the card of `now`: on another card than the one that was seen, only those of drafts
    that are letter for letter the same there."""
    if seen.pk == now.pk or not ticked:
        return frozenset(ticked)
    there = approvable(parse(now.effects))
    return frozenset(item for item, digest in wished(seen, ticked).items() if there.get(item) == digest)


def with_it(drafts: int) -> str:
    """` with 2 drafts`; empty for none."""
    return f" with {words.counted(drafts, 'draft')}" if drafts else ""


def promised(drafts: int) -> str:
    """What comes of the ticked drafts after the approval of their envelope; empty for none."""
    if not drafts:
        return ""
    if drafts == 1:
        return "The draft that you ticked is approved too as soon as the run has come to it."
    return f"The {drafts:,} drafts that you ticked are approved too as soon as the run has come to them."

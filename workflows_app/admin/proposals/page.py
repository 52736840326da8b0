"""The view objects of a proposal's card."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.canonical import digest, parse
from approvals.models import Decision, ProposalStatus, ProposedAction
from workflows_app.admin import access, moments
from workflows_app.admin.presentation.card import Card, read_card
from workflows_app.admin.presentation.difference import Changed, read_difference
from workflows_app.admin.proposals.editing import EditField, edit_fields, with_typed
from workflows_app.models import WorkflowContract, WorkflowRun


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Whether this can still be decided, in a sentence. `look` is the colour; `newer` the proposal that took over."""

    look: str
    sentence: str
    newer: ProposedAction | None = None


@dataclass(frozen=True, kw_only=True)
class CardPage:
    """Everything a card shows. `refusal` says why the person who looks cannot decide; empty when they can."""

    proposal: ProposedAction
    card: Card | None
    standing: Standing | None
    refusal: str
    overdue: bool
    age: str
    left: str
    run: WorkflowRun | None
    contract: WorkflowContract | None
    earlier: ProposedAction | None
    difference: tuple[Changed, ...]
    edits: tuple[Changed, ...]
    decisions: list[Decision]
    edit_fields: tuple[EditField, ...]
    error: str

    @property
    def amount(self) -> str:
        """Money with separators."""
        return "" if self.proposal.amount is None else f"{self.proposal.amount:,.2f}"

    @property
    def can_reject(self) -> bool:
        """Pending, and the visitor may decide."""
        return self.standing is None and not self.refusal

    @property
    def can_approve(self) -> bool:
        """The same, and the page really shows what would be approved."""
        return self.can_reject and self.card is not None

    @property
    def can_propose_again(self) -> bool:
        """Expired or closed, and nothing took its place yet."""
        ended = self.proposal.status in (ProposalStatus.EXPIRED, ProposalStatus.CLOSED)
        return ended and not self.refusal and (self.standing is None or self.standing.newer is None)


def card_page(
    proposal: ProposedAction,
    user: access.Visitor,
    now: datetime,
    *,
    posted: Mapping[str, str] | None = None,
    error: str = "",
) -> CardPage:
    """Read the card. `posted` and `error`: an edit that was refused, shown again with nothing lost."""
    run = WorkflowRun.objects.select_related("contract").defer("context", "plan").filter(pk=proposal.run_id).first()
    pending = proposal.status == ProposalStatus.PENDING
    card = read(proposal)
    editable = edit_fields(proposal) if pending and card is not None else ()
    return CardPage(
        proposal=proposal,
        card=card,
        standing=_standing(proposal, now),
        refusal=access.decide_refusal(user),
        overdue=pending and proposal.window_ends_at < now,
        age=moments.age(proposal.proposed_at, now),
        left=moments.left(proposal.expires_at, now),
        run=run,
        contract=run.contract if run else None,
        earlier=proposal.supersedes,
        difference=read_difference(parse(proposal.difference)),
        edits=read_difference(parse(proposal.edits)),
        decisions=list(proposal.decisions.select_related("user").order_by("seq")),
        edit_fields=editable if posted is None else with_typed(editable, posted),
        error=error,
    )


def read(proposal: ProposedAction) -> Card | None:
    """The card, or None when the reviewed text is not what was hashed or cannot be shown whole."""
    if digest(proposal.effects) != proposal.digest:
        return None
    try:
        return read_card(proposal.effects)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _standing(proposal: ProposedAction, now: datetime) -> Standing | None:
    """Why it can not be decided any more, or None while it is pending and not expired."""
    if proposal.status == ProposalStatus.PENDING and proposal.expires_at > now:
        return None
    newer = proposal.superseded_by.order_by("-plan_revision").first()
    look, sentence = _ENDINGS.get(proposal.status, _ENDINGS[ProposalStatus.EXPIRED])
    reason = f" {proposal.closed_reason}" if proposal.closed_reason else ""
    return Standing(look=look, sentence=sentence + reason, newer=newer)


_ENDINGS: Mapping[Any, tuple[str, str]] = {
    ProposalStatus.APPROVED: ("good", "This was approved."),
    ProposalStatus.REJECTED: ("bad", "This was rejected. Nothing of it was done."),
    ProposalStatus.EXPIRED: ("warn", "This expired before it was decided. Nothing of it was done."),
    ProposalStatus.SUPERSEDED: ("open", "A newer proposal took the place of this one."),
    ProposalStatus.CLOSED: ("warn", "This was closed because its world changed. Nothing of it was done."),
}

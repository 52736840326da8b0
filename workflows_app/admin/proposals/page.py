"""The view objects of a proposal's card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.canonical import digest, parse
from approvals.models import Decision, ProposalStatus, ProposedAction
from approvals.services import also_of
from workflows_app.admin import access
from workflows_app.admin.proposals.drafts import with_it
from workflows_app.admin.proposals.editing import EditField, edit_fields, labels_of, with_typed
from workflows_app.admin.proposals.evidence import Freshness, Source, freshness, sources
from workflows_app.admin.proposals.outcomes import outcomes
from workflows_app.admin.proposals.precedents import Memory, memory_of
from workflows_app.models import WorkflowContract, WorkflowRun
from workflows_app.presentation import moments, words
from workflows_app.presentation.card import Card, read_card
from workflows_app.presentation.difference import Changed, read_difference
from workflows_app.presentation.endings import NOTHING_YET, Endings
from workflows_app.presentation.look_up import look_up
from workflows_app.presentation.people import people, who

_REVISIONS = 5


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Whether this can still be decided, in a sentence. `look` is the colour; `newer` the proposal that took over."""

    look: str
    sentence: str
    newer: ProposedAction | None = None


@dataclass(frozen=True, kw_only=True)
class CardPage:
    """Everything a card shows. `refusal` says why the person who looks cannot decide; empty when they can.

    `ticked`: the drafts that were to be approved too when approving was refused, so that no tick is lost.
    `edited`: it is an edit that was refused.
    """

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
    sources: tuple[Source, ...]
    freshness: tuple[Freshness, ...]
    memory: Memory
    error: str
    ticked: frozenset[str] = frozenset()
    edited: bool = False

    @property
    def amount(self) -> str:
        """Money with separators."""
        return words.money(self.proposal.amount)

    @property
    def heading(self) -> str:
        """Over the effects: what they are to the one who looks, now."""
        return _HEADINGS.get(self.proposal.status, "What it would have done")

    @property
    def decided(self) -> list[tuple[Decision, str, str]]:
        """The decisions so far, each with who made it, as people say it, and how many drafts were approved too."""
        return [(decision, who(decision.principal), with_it(len(also_of(decision)))) for decision in self.decisions]

    @property
    def proposer(self) -> str:
        """Who proposed it, as people say it."""
        return who(self.proposal.proposed_by)

    @property
    def step(self) -> str:
        """Its step in words."""
        return words.step(self.proposal.step)

    @property
    def has_ticks(self) -> bool:
        """Whether it lists things that can be left out one by one."""
        return any(field.control == "tick" for field in self.edit_fields)

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
    run = WorkflowRun.objects.select_related("contract").defer("plan").filter(pk=proposal.run_id).first()
    pending = proposal.status == ProposalStatus.PENDING
    card = read(proposal, outcomes(proposal))
    editable = edit_fields(proposal, run) if pending and card is not None else ()
    edits, labels = parse(proposal.edits), labels_of(_earlier(proposal), run)
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
        difference=read_difference(_unedited(parse(proposal.difference), edits), labels),
        edits=read_difference(edits, labels),
        decisions=list(proposal.decisions.select_related("user").order_by("seq")),
        edit_fields=editable if posted is None else with_typed(editable, posted),
        sources=() if proposal.step else sources(run, look_up),
        freshness=freshness(proposal.proposed_at, now),
        memory=memory_of(proposal),
        error=error,
        edited=posted is not None,
    )


def read(proposal: ProposedAction, endings: Endings = NOTHING_YET) -> Card | None:
    """The card, or None when the reviewed text is not what was hashed or cannot be shown whole."""
    if digest(proposal.effects) != proposal.digest:
        return None
    try:
        return read_card(proposal.effects, status=proposal.status, look_up=look_up, endings=endings)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _earlier(proposal: ProposedAction) -> Sequence[ProposedAction]:
    """The revisions before it, latest last, a bounded number; read only when there is an edit to explain."""
    if proposal.edits == "[]" or proposal.supersedes is None:
        return ()
    place = {name: getattr(proposal, name) for name in ("run_id", "step", "item", "action_type")}
    older = ProposedAction.objects.filter(**place, plan_revision__lt=proposal.plan_revision)
    return list(older.order_by("-plan_revision")[:_REVISIONS])[::-1]


def _unedited(difference: Sequence[dict[str, Any]], edits: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The difference without what was left out by hand, which is said among the edits."""
    left_out = [str(edit["item"]) for edit in edits if edit["field"] == "tick" and edit["value"] is False]
    return [entry for entry in difference if not any(item in str(entry["where"]) for item in left_out)]


def _standing(proposal: ProposedAction, now: datetime) -> Standing | None:
    """Why it can not be decided any more, or None while it is pending and not expired."""
    if proposal.status == ProposalStatus.PENDING and proposal.expires_at > now:
        return None
    newer = proposal.superseded_by.order_by("-plan_revision").first()
    look, sentence = _ENDINGS.get(proposal.status, _ENDINGS[ProposalStatus.EXPIRED])
    reason = f" {people(proposal.closed_reason)}" if proposal.closed_reason else ""
    return Standing(look=look, sentence=sentence + reason, newer=newer)


_HEADINGS: Mapping[str, str] = {
    ProposalStatus.PENDING: "What will happen when you approve",
    ProposalStatus.APPROVED: "What was approved, and what came of it",
    ProposalStatus.SUPERSEDED: "What this one was to do",
}
_ENDINGS: Mapping[Any, tuple[str, str]] = {
    ProposalStatus.APPROVED: ("good", "This was approved."),
    ProposalStatus.REJECTED: ("bad", "This was rejected. Nothing of it was done."),
    ProposalStatus.EXPIRED: ("warn", "This expired before it was decided. Nothing of it was done."),
    ProposalStatus.SUPERSEDED: ("open", "A newer proposal took the place of this one."),
    ProposalStatus.CLOSED: ("warn", "This was closed because its world changed. Nothing of it was done."),
}

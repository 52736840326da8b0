"""What waits for a decision, and what became of the rest. Deciding is done in the console, by a person."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from approvals.canonical import digest, parse
from approvals.models import Decision, ProposalStatus, ProposedAction
from workflows_app.mcp.cards import CardTold, told
from workflows_app.mcp.told import Count, Id, Listed, Offset, RefusedError, Told, Words, clipped, moment, page_of
from workflows_app.presentation.card import read_card
from workflows_app.presentation.difference import read_difference
from workflows_app.presentation.look_up import look_up
from workflows_app.presentation.people import people, who
from workflows_app.presentation.words import action, counted, money

_PAGE: Final = "approvals_proposedaction"
Status = Annotated[
    Literal["pending", "approved", "rejected", "expired", "superseded", "closed", "any"],
    Field(description="pending: what still waits for a decision."),
]


class ProposalTold(BaseModel):
    """One proposal in a list. `link`: its card in the console, where a person decides."""

    proposal_id: str
    run_id: str
    kind: str
    title: str
    summary: str
    customer: str
    amount: str
    status: str
    proposed_by: str
    proposed_at: str
    expires_at: str
    link: str


class Proposals(Listed):
    """One page of proposals."""

    proposals: list[ProposalTold]

    def lines(self) -> Iterator[str]:
        """One a line."""
        yield f"{counted(len(self.proposals), 'proposal')}." if self.proposals else "There are no such proposals."
        yield from (f"{row.proposal_id} ({row.status}): {row.title}. {row.summary}" for row in self.proposals)
        yield self.hint


class DecisionTold(BaseModel):
    """What a person decided."""

    verdict: str
    by: str
    at: str
    reason: str


class ProposalInFull(Told):
    """One card. `digest`: of exactly what a decision on it covers; `changed`: what is new against an earlier card."""

    proposal: ProposalTold
    card: CardTold | None
    digest: str
    changed: list[str]
    decisions: list[DecisionTold]
    closed_because: str

    def lines(self) -> Iterator[str]:
        """The card, and how it stands."""
        row = self.proposal
        yield f"{row.title} ({row.kind}, {row.status}). {row.summary}"
        yield from self.card.lines() if self.card else ["This card cannot be shown whole; a person must look at it."]
        yield from (f"Changed: {change}" for change in self.changed)
        yield from (f"{each.by}: {each.verdict}, {each.at} {each.reason}".rstrip() for each in self.decisions)
        yield f"Closed: {self.closed_because}" if self.closed_because else ""
        if row.status == ProposalStatus.PENDING:
            yield f"It waits for a person until {row.expires_at}. {row.link}".rstrip()
        yield f"Digest {self.digest}"


def list_proposals(
    status: Status = "pending", customer: Words = "", limit: Count = 20, offset: Offset = 0
) -> Proposals:
    """List proposals, newest first; of one customer when its exact name is given."""
    rows = ProposedAction.objects.defer("effects", "payload", "edits", "difference").order_by("-proposed_at", "id")
    rows = rows if status == "any" else rows.filter(status=status)
    rows = rows.filter(customer_name=customer) if customer.strip() else rows
    found = list(rows[offset : offset + limit + 1])
    more = len(found) > limit
    return Proposals(
        proposals=[listed(row) for row in found[:limit]],
        more=more,
        hint=f"There are more: ask again with offset {offset + limit}, or narrow by customer." if more else "",
    )


def show_proposal(proposal_id: Id) -> ProposalInFull:
    """Show one proposal: its sentence, each effect in words, its checks, its digest, and what was decided."""
    row = ProposedAction.objects.filter(pk=proposal_id).first()
    if row is None:
        raise RefusedError(f"There is no proposal {proposal_id!r}. list_proposals gives the ids of those there are.")
    return ProposalInFull(
        proposal=listed(row),
        card=card_of(row),
        digest=row.digest,
        changed=[
            clipped(f"{change.where}: {change.before} → {change.after}")
            for change in read_difference(parse(row.difference))
        ],
        decisions=[_decision(decision) for decision in row.decisions.order_by("seq")],
        closed_because=people(row.closed_reason),
    )


def listed(row: ProposedAction) -> ProposalTold:
    """A proposal as it is listed."""
    return ProposalTold(
        proposal_id=row.pk,
        run_id=row.run_id,
        kind=action(row.action_type),
        title=row.title,
        summary=clipped(row.summary),
        customer=row.customer_name,
        amount=money(row.amount),
        status=row.status,
        proposed_by=who(row.proposed_by),
        proposed_at=moment(row.proposed_at),
        expires_at=moment(row.expires_at),
        link=page_of(_PAGE, row.pk),
    )


def card_of(row: ProposedAction) -> CardTold | None:
    """The card, None when the reviewed text is not what was hashed or cannot be shown whole."""
    if digest(row.effects) != row.digest:
        return None
    try:
        return told(read_card(row.effects, status=row.status, look_up=look_up))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _decision(decision: Decision) -> DecisionTold:
    return DecisionTold(
        verdict=decision.verdict,
        by=who(decision.principal),
        at=moment(decision.decided_at),
        reason=decision.reason,
    )

"""Hooks with the real interface that keep what they were told, and proposals to decide."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from approvals.canonical import canonical, parse
from approvals.hooks import Edit, Proceed, Stop
from approvals.models import Decision, ProposedAction
from approvals.new_proposal import NewProposal


def new_proposal(proposal_id: str = "p1", **changes: Any) -> NewProposal:
    """A proposal of run r1 whose only effect names it."""
    plain = NewProposal(
        id=proposal_id,
        action_type="customer_email",
        entity_type="customer",
        entity_ref="42",
        customer_name="O'Brien & Söhne 100%",
        title="Welcome",
        summary="A letter",
        payload="{}",
        risk_level=3,
        amount=None,
        window_minutes=60,
        expires_seconds=86_400,
        proposed_by="machine:tick",
        run_id="r1",
        step="welcome",
        item=proposal_id,
        plan_revision=1,
        effects=canonical({"subject": f"Hello {proposal_id}"}),
    )
    return replace(plain, **changes)


def planned_anew(proposal: ProposedAction, suffix: str, **effects: object) -> NewProposal:
    """A successor with other effects, in the same place."""
    return new_proposal(
        f"{proposal.pk}-{suffix}", item=proposal.item, effects=canonical({**parse(proposal.effects), **effects})
    )


@dataclass
class RecordingHooks:
    """Answers as told. `effects` holds (proposal, verdict) of every decision that was carried on and committed."""

    answer: Proceed | Stop = field(default_factory=Proceed)
    error: Exception | None = None
    effects: list[tuple[str, str]] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def before_approve(self, proposal: ProposedAction) -> Proceed | Stop:
        self.checked.append(proposal.pk)
        return self.answer

    def decided(self, proposal: ProposedAction, decision: Decision, seen: object) -> None:
        if self.error:
            ProposedAction.objects.filter(pk=proposal.pk).update(summary="half done")  # must be undone
            raise self.error
        self.effects.append((proposal.pk, decision.verdict))

    def edited(self, proposal: ProposedAction, edits: Sequence[Edit]) -> NewProposal:
        if self.error:
            raise self.error
        return planned_anew(proposal, "edited", **{edit["field"]: edit["value"] for edit in edits})

    def expired(self, proposal: ProposedAction) -> None:
        self.ended.append(proposal.pk)

    def closed(self, proposal: ProposedAction) -> None:
        self.ended.append(proposal.pk)

    def again(self, proposal: ProposedAction, by: str) -> NewProposal:
        return planned_anew(proposal, "again")

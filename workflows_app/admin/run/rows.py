"""The proposals and the verify checks of a run, as rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from approvals.models import Decision, ProposedAction
from workflows_app.admin.run.names import said
from workflows_app.admin.run.story import Story
from workflows_app.models import VerifyResult
from workflows_app.presentation import moments, words
from workflows_app.presentation.people import who
from workflows_app.runner import corrective
from workflows_app.runner.interventions import is_intervention
from workflows_app.runner.verify_staging import place


@dataclass(frozen=True, kw_only=True)
class ProposalRow:
    """A proposal of the run, what it is to it, and what was decided."""

    proposal: ProposedAction
    role: str
    decision: Decision | None

    @property
    def decided(self) -> str:
        """Who decided, and why; empty while nobody has."""
        if self.decision is None:
            return said(self.proposal.closed_reason)
        reason = f": {said(self.decision.reason)}" if self.decision.reason else ""
        return f"{who(self.decision.principal)}, {moments.said(self.decision.decided_at)}{reason}"


@dataclass(frozen=True, kw_only=True)
class VerifyRow:
    """A verify check, how it stands in words, and when it is or was looked at; `correction`: what it proposed."""

    result: VerifyResult
    title: str
    status: str
    when: str
    detail: str
    correction: ProposedAction | None = None


def proposal_row(story: Story, proposal: ProposedAction) -> ProposalRow:
    """The row of a proposal of the run."""
    return ProposalRow(
        proposal=proposal, role=" · ".join(_role(story, proposal)), decision=story.decided.get(proposal.pk)
    )


def _role(story: Story, proposal: ProposedAction) -> Iterator[str]:
    if not proposal.step:
        yield "the gate of this run"
        if proposal.plan_revision > 1 or len(story.gates) > 1:
            yield f"revision {proposal.plan_revision}"
    elif is_intervention(proposal):
        yield "a person intervened"
    else:
        yield words.step(proposal.step)
        if proposal.customer_name and proposal.customer_name not in proposal.title:
            yield proposal.customer_name


_STATUSES: Final = {
    "pending": "waits",
    "pass": "holds",
    "fail": "does not hold",
    "timeout": "not executed in time",
    "not_applicable": "does not apply",
}


def verify_row(result: VerifyResult, story: Story) -> VerifyRow:
    """The row of a check of the run."""
    proposed = [leaf for leaf in story.leaves if leaf.step == place(result.name) and corrective.is_correction(leaf)]
    return VerifyRow(
        result=result,
        title=words.sentence(result.name),
        status=_STATUSES.get(result.status, result.status),
        when=_when(result),
        detail=said(result.detail),
        correction=proposed[-1] if proposed else None,
    )


def _when(result: VerifyResult) -> str:
    if result.status != "pending":
        return f"looked at {moments.said(result.executed_at)}" if result.executed_at else ""
    if result.due_at is None:
        return f"counts from the decision on {words.spaced(result.after_step)}"
    looked = f", last looked at {moments.said(result.executed_at)}" if result.executed_at else ""
    until = f", given up at {moments.said(result.give_up_at)}" if result.give_up_at else ""
    return f"checks at {moments.said(result.due_at)}{looked}{until}"

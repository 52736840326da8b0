"""What stands behind a `proposed_action.approved` event: the proposal and the decision. The event's text is a claim."""

from collections.abc import Mapping

from approvals.canonical import parse
from approvals.models import ProposalStatus, ProposedAction
from workflows_app.effects.card import is_as_reviewed
from workflows_app.models import Event
from workflows_app.runner.approved import leaf_refusal

APPROVED = "proposed_action.approved"


class NotApprovedError(Exception):
    """The event says that a proposal was approved, and the tables do not; the message says what they lack."""


def approved_proposal(event: Event) -> ProposedAction:
    """The proposal whose approval this event reports, as it was reviewed. Raises `NotApprovedError`.

    It counts when the approval itself wrote the event (its key says so), the proposal is still approved, and its
    decision is about the very text that the proposal holds.
    """
    claim = parse(event.payload)
    proposal_id = str(claim.get("proposal_id", "")) if isinstance(claim, Mapping) else ""
    if event.idempotency_key != f"proposal:{proposal_id}:approved":
        raise NotApprovedError("no approval wrote this event")
    proposal = ProposedAction.objects.filter(pk=proposal_id).first()
    if proposal is None or proposal.status != ProposalStatus.APPROVED:
        raise NotApprovedError(f"the proposal is {'missing' if proposal is None else proposal.status}, not approved")
    why = leaf_refusal(proposal)
    if why:
        raise NotApprovedError(why)
    if not is_as_reviewed(proposal):
        raise NotApprovedError("the proposal's card does not say what was approved")
    return proposal

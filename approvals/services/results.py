"""What a decision led to, and the plain sentence about who or what came first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from approvals import hooks
from approvals.clock import database_now
from approvals.models import ProposalStatus, ProposedAction
from approvals.passing import unless_busy


@dataclass(frozen=True, kw_only=True)
class DecisionResult:
    """`outcome` is `refused` when nothing happened. `replacement_id`: the proposal that took the place of this one."""

    outcome: Literal["approved", "rejected", "refused", "superseded", "closed"]
    message: str
    proposal: ProposedAction
    replacement_id: str | None = None


def refused(proposal: ProposedAction, message: str) -> DecisionResult:
    """Nothing happened, because of `message`."""
    return DecisionResult(outcome="refused", message=message, proposal=proposal)


def or_busy(proposal_id: str, decide: Callable[[], DecisionResult]) -> DecisionResult:
    """What was decided, or the refusal after a deadlock, a lock that took too long, or a connection that broke.

    Raises `OperationalError` without a database.
    """
    return unless_busy(decide, lambda: refused(ProposedAction.objects.get(pk=proposal_id), hooks.BUSY))


def what_came_first(proposal: ProposedAction, digest_shown: str) -> str | None:
    """Why `proposal`, as it stands in the database, can not be decided by this card; None when it can."""
    if proposal.status != ProposalStatus.PENDING:
        return _ENDINGS[ProposalStatus(proposal.status)](proposal)
    if proposal.expires_at <= database_now():
        return _expired(proposal)
    if proposal.digest != digest_shown:
        return "This card is out of date; look at it again."
    return None


def _decided(proposal: ProposedAction) -> str:
    decision = proposal.decisions.filter(verdict__in=["approve", "reject"]).first()
    if decision is None:
        return f"Already {proposal.status}."
    return f"Already {proposal.status} by {decision.principal} on {_moment(decision.decided_at)}."


def _expired(proposal: ProposedAction) -> str:
    return f"Expired on {_moment(proposal.expires_at)}; it can be proposed again."


def _superseded(proposal: ProposedAction) -> str:
    successor = proposal.superseded_by.order_by("-plan_revision").values_list("pk", flat=True).first()
    return f"Superseded by {successor}." if successor else "Superseded: a newer plan took its place."


def _closed(proposal: ProposedAction) -> str:
    return f"Closed: {proposal.closed_reason}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


_ENDINGS = {
    ProposalStatus.APPROVED: _decided,
    ProposalStatus.REJECTED: _decided,
    ProposalStatus.EXPIRED: _expired,
    ProposalStatus.SUPERSEDED: _superseded,
    ProposalStatus.CLOSED: _closed,
}

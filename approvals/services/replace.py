"""Supersede and close: end a proposal that nobody may carry out any more."""

from dataclasses import fields, replace
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from approvals import hooks
from approvals.models import Outcome, ProposalStatus, ProposedAction
from approvals.new_proposal import NewProposal
from approvals.services.stage import stage

# What is not simply the same in the proposal that takes another one's place.
_NEW = frozenset({"id", "window_minutes", "expires_seconds", "plan_revision", "supersedes_id", "difference"})
_UNAPPLIED = Q(status=ProposalStatus.PENDING) | Q(status=ProposalStatus.APPROVED, outcome=Outcome.APPROVED)


def supersede(proposal_id: str, new: NewProposal) -> ProposedAction | None:
    """Put `new` in the place of a proposal that is pending, or approved with nothing applied yet; None if it is not.

    The new one names the old one and has a later plan revision.
    """
    with transaction.atomic():
        old = ProposedAction.objects.select_for_update().filter(pk=proposal_id).first()
        if old is None or not _unapplied(proposal_id).update(status=ProposalStatus.SUPERSEDED):
            return None
        return stage(succession(old, new))


def close(proposal_id: str, reason: str) -> bool:
    """Close a proposal that is pending, or approved with nothing applied yet; whether it was."""
    if not reason.strip():
        raise ValueError("closing a proposal needs a reason")
    with transaction.atomic():
        closed = _unapplied(proposal_id).update(status=ProposalStatus.CLOSED, closed_reason=reason)
        if closed:
            hooks.current().closed(ProposedAction.objects.get(pk=proposal_id))
    return bool(closed)


def once_more(old: ProposedAction, **changes: Any) -> NewProposal:
    """The proposal once more at the next revision, with as much time as it had; `changes` has its new id at least."""
    same = {field.name: getattr(old, field.name) for field in fields(NewProposal) if field.name not in _NEW}
    times = {
        "window_minutes": int((old.window_ends_at - old.proposed_at).total_seconds() // 60),
        "expires_seconds": int((old.expires_at - old.proposed_at).total_seconds()),
    }
    return NewProposal(**{**same, **times, "plan_revision": old.plan_revision + 1, **changes})


def succession(old: ProposedAction, new: NewProposal) -> NewProposal:
    """`new` as the successor of `old`."""
    return replace(new, supersedes_id=old.pk, plan_revision=max(new.plan_revision, old.plan_revision + 1))


def _unapplied(proposal_id: str) -> QuerySet[ProposedAction]:
    return ProposedAction.objects.filter(_UNAPPLIED, pk=proposal_id)

"""Expire and remind: the two clocks of a pending proposal, both the database's."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet

from approvals import hooks
from approvals.clock import DatabaseNow
from approvals.models import ProposalStatus, ProposedAction

_BATCH = 200


def expire_due() -> list[str]:
    """End every pending proposal whose expiry has passed; their ids.

    Each in a transaction of its own with what the hook does. What a hook raises ends the pass and undoes that one
    expiry; nothing can be approved late because of it.
    """
    return [proposal_id for proposal_id in _ids(_due()) if _expire(proposal_id)]


def remind_overdue() -> list[ProposedAction]:
    """Pending proposals past their response window that nobody was reminded of yet; each is returned once, ever."""
    return [proposal for proposal_id in _ids(_overdue()) if (proposal := _remind(proposal_id))]


def _expire(proposal_id: str) -> bool:
    with transaction.atomic():
        if not _due().filter(pk=proposal_id).update(status=ProposalStatus.EXPIRED):
            return False
        hooks.current().expired(ProposedAction.objects.get(pk=proposal_id))
    return True


def _remind(proposal_id: str) -> ProposedAction | None:
    if not _overdue().filter(pk=proposal_id).update(reminded_at=DatabaseNow()):
        return None
    return ProposedAction.objects.get(pk=proposal_id)


def _pending() -> QuerySet[ProposedAction]:
    return ProposedAction.objects.filter(status=ProposalStatus.PENDING)


def _due() -> QuerySet[ProposedAction]:
    return _pending().filter(expires_at__lte=DatabaseNow())


def _overdue() -> QuerySet[ProposedAction]:
    return _pending().filter(window_ends_at__lte=DatabaseNow(), expires_at__gt=DatabaseNow(), reminded_at__isnull=True)


def _ids(proposals: QuerySet[ProposedAction]) -> Iterator[str]:
    """The ids in batches, so that a long backlog is never in memory at once."""
    last = ""
    while batch := list(proposals.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        yield from batch
        last = batch[-1]

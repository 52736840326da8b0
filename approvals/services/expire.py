"""Expire and remind: the two clocks of a pending proposal, both the database's."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import QuerySet

from approvals import hooks
from approvals.clock import DatabaseNow
from approvals.models import ProposalStatus, ProposedAction


class NotExpiredError(Exception):
    """Proposals whose expiry failed; the message has what went wrong with the first."""


def expire_due() -> list[str]:
    """End every pending proposal whose expiry has passed; their ids.

    Each in a transaction of its own with what the hook does. What a hook raises undoes that one expiry only; nothing
    can be approved late because of it. Raises `NotExpiredError` when all others are done.
    """
    expired: list[str] = []
    failed: dict[str, Exception] = {}
    for proposal_id in _ids(_due()):
        try:
            if _expire(proposal_id):
                expired.append(proposal_id)
        except Exception as error:  # noqa: BLE001 whatever a hook raises, the next proposal has its own expiry
            failed[proposal_id] = error
    if failed:
        first, cause = next(iter(failed.items()))
        raise NotExpiredError(f"{len(failed)} could not be ended, the first is {first}: {cause}") from cause
    return expired


def remind_overdue(remind: Callable[[ProposedAction], None]) -> list[ProposedAction]:
    """Pending proposals past their response window that nobody was reminded of yet; each comes once, ever.

    `remind` is called in the transaction that marks the proposal, so that no reminder is lost between the two.
    """
    return [proposal for proposal_id in _ids(_overdue()) if (proposal := _remind(proposal_id, remind))]


def _expire(proposal_id: str) -> bool:
    with transaction.atomic():
        if not _due().filter(pk=proposal_id).update(status=ProposalStatus.EXPIRED):
            return False
        hooks.current().expired(ProposedAction.objects.get(pk=proposal_id))
    return True


def _remind(proposal_id: str, remind: Callable[[ProposedAction], None]) -> ProposedAction | None:
    with transaction.atomic():
        if not _overdue().filter(pk=proposal_id).update(reminded_at=DatabaseNow()):
            return None
        proposal = ProposedAction.objects.get(pk=proposal_id)
        remind(proposal)
    return proposal


def _pending() -> QuerySet[ProposedAction]:
    return ProposedAction.objects.filter(status=ProposalStatus.PENDING)


def _due() -> QuerySet[ProposedAction]:
    return _pending().filter(expires_at__lte=DatabaseNow())


def _overdue() -> QuerySet[ProposedAction]:
    return _pending().filter(window_ends_at__lte=DatabaseNow(), expires_at__gt=DatabaseNow(), reminded_at__isnull=True)


def _ids(proposals: QuerySet[ProposedAction]) -> list[str]:
    """The ids, by expiry first: in the order of their keys alone, SQLite would read every proposal there ever was."""
    return list(proposals.order_by("expires_at", "pk").values_list("pk", flat=True))

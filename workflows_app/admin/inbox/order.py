"""The order of the inbox, and reading it page by page.

Overdue first (past the response target), each part by the moment it expires, then the larger amount. Both parts follow
an index of pending proposals by expiry that also has what they are narrowed by, so that a page costs about the same
however many wait; only those that expire at the same moment are sorted.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, Q, QuerySet

from approvals.models import ProposalStatus, ProposedAction

PAGE = 40
_ORDER = ("expires_at", F("amount").desc(nulls_last=True), "id")


def waiting(now: datetime) -> QuerySet[ProposedAction]:
    """Everything that can still be decided, without the long texts."""
    pending = ProposedAction.objects.filter(status=ProposalStatus.PENDING, expires_at__gt=now)
    return pending.defer("effects", "payload", "difference", "edits")


def page(
    rows: QuerySet[ProposedAction], now: datetime, after: ProposedAction | None = None, size: int = PAGE
) -> list[ProposedAction]:
    """Up to `size` rows of `rows` that come after `after` in the order.

    Three queries at most: the keys of both parts, which the index has, and then the rows of these keys.
    """
    keys: list[str] = []
    for part in _parts(rows, now, after):
        if len(keys) < size:
            keys += part.values_list("pk", flat=True)[: size - len(keys)]
    found = {row.pk: row for row in waiting(now).filter(pk__in=keys)}
    return [found[key] for key in keys if key in found]


def _parts(
    rows: QuerySet[ProposedAction], now: datetime, after: ProposedAction | None
) -> Iterator[QuerySet[ProposedAction]]:
    """What is overdue and what is not, each from where it goes on."""
    overdue = rows.filter(window_ends_at__lt=now).order_by(*_ORDER)
    rest = rows.filter(window_ends_at__gte=now).order_by(*_ORDER)
    if after is None:
        yield from (overdue, rest)
    elif after.window_ends_at < now:
        yield from (overdue.filter(_later(after)), rest)
    else:
        yield rest.filter(_later(after))


def _later(after: ProposedAction) -> Q:
    """What comes later within a part. The first condition is the one that an index knows."""
    same = Q(expires_at=after.expires_at)
    if after.amount is None:
        tie = Q(amount__isnull=True, id__gt=after.pk)
    else:
        less = Q(amount__lt=after.amount) | Q(amount__isnull=True)
        tie = less | Q(amount=after.amount, id__gt=after.pk)
    return Q(expires_at__gte=after.expires_at) & (Q(expires_at__gt=after.expires_at) | (same & tie))

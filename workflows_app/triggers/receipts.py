"""Signed messages that were taken: a copy of one is refused for as long as its signature is good."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from workflows_app.models import WebhookReceipt, WebhookSource

# How far the time that a sender signed may be from the database's clock.
TOLERANCE: Final = timedelta(seconds=300)
# A message signed with a clock that was ahead is good for twice the tolerance; then nobody can repeat it.
_KEPT: Final = 3 * TOLERANCE
_USED_AGAIN_AFTER: Final = timedelta(minutes=1)
_BATCH: Final = 500


class TakenError(Exception):
    """A message that was taken before, or another one under its id; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A message whose signature and time are right."""

    source: WebhookSource
    webhook_id: str
    signed_at: datetime
    body_sha256: str


def take(signed: Signed, now: datetime) -> None:
    """Remember the message, in the transaction that records its event. Raises `TakenError` for a copy.

    A sender that had no answer signs the same id and body again with a newer time; that is no copy.
    """
    receipt = WebhookReceipt(
        source=signed.source,
        webhook_id=signed.webhook_id,
        signed_at=signed.signed_at,
        body_sha256=signed.body_sha256,
        received_at=now,
    )
    try:
        with transaction.atomic():  # of several at once one is first; the others wait here until it is committed
            receipt.save(force_insert=True)
    except IntegrityError:
        _again(signed, now)
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _USED_AGAIN_AFTER)
    WebhookSource.objects.filter(stale, pk=signed.source.pk).update(last_used_at=now)


def _again(signed: Signed, now: datetime) -> None:
    known = WebhookReceipt.objects.filter(source=signed.source, webhook_id=signed.webhook_id)
    newer = known.filter(body_sha256=signed.body_sha256, signed_at__lt=signed.signed_at)
    if newer.update(signed_at=signed.signed_at, received_at=now):
        return
    if known.filter(body_sha256=signed.body_sha256).exists():
        raise TakenError("this message was taken before")
    raise TakenError("this webhook-id was used before, for another message")


def forget(now: datetime) -> int:
    """Remove what nobody can repeat any more, a batch at a time; how many.

    The event ledger knows the keys of such messages for ever: a sender's late second attempt records nothing new.
    """
    batch = list(WebhookReceipt.objects.filter(received_at__lt=now - _KEPT).values_list("pk", flat=True)[:_BATCH])
    return WebhookReceipt.objects.filter(pk__in=batch).delete()[0] if batch else 0

"""Tell subscribers of events: signed as Standard Webhooks, by the one guarded way out (`delivery/outside.py`)."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from approvals.clock import database_now
from workflows_app.credentials import webhook_secrets
from workflows_app.credentials.sealed import SealError
from workflows_app.delivery import webhook_queue as queue
from workflows_app.delivery.answers import PermanentCallError, Response, TransientCallError
from workflows_app.delivery.outside import Outgoing, anyone, send
from workflows_app.models import WebhookDelivery

# An endpoint takes the message and works on it later; whoever needs longer is treated as away.
CALL_SECONDS: Final = 15.0
_PASS_SECONDS: Final = 60.0
_ANSWERED: Final = re.compile(r" answered (\d{3}):")

Send = Callable[[Outgoing], Response]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What one pass did. `waiting`: tried without success, to be tried again."""

    delivered: int = 0
    waiting: int = 0
    dead: int = 0


def deliver_webhooks(*, limit: int = 200, seconds: float = _PASS_SECONDS, through: Send | None = None) -> Counts:
    """Try what is due once, the longest waiting first, for about so many seconds. `through`: a test's own way out."""
    counts = dict.fromkeys(("delivered", "waiting", "dead"), 0)
    end = time.monotonic() + seconds
    for delivery_id in list(queue.due(database_now()).values_list("pk", flat=True)[:limit]):
        if time.monotonic() > end:
            break
        delivery = queue.claim(delivery_id, database_now())
        outcome = _try(delivery, through or _out) if delivery else ""
        if outcome:
            counts[outcome] += 1
    return Counts(**counts)


def _try(delivery: WebhookDelivery, through: Send) -> str:
    try:
        answer = through(request(delivery, database_now()))
    except (TransientCallError, PermanentCallError, SealError) as error:
        return queue.failed(delivery, _status(error), str(error), database_now())
    queue.delivered(delivery, answer.status, database_now())
    return "delivered"


def request(delivery: WebhookDelivery, now: datetime) -> Outgoing:
    """The signed call. Raises `SealError`."""
    seconds = int(now.timestamp())
    secrets = webhook_secrets.living(delivery.subscription, now)
    return Outgoing(
        method="POST",
        url=delivery.subscription.url,
        body=delivery.body.encode(),
        idempotency_key=delivery.pk,
        headers={
            "Content-Type": "application/json",
            "webhook-id": delivery.pk,
            "webhook-timestamp": str(seconds),
            "webhook-signature": webhook_secrets.sign(secrets, delivery.pk, seconds, delivery.body),
        },
        keep=False,
        seconds=CALL_SECONDS,
    )


def _out(asked: Outgoing) -> Response:
    return send(asked, anyone)


def _status(error: Exception) -> int | None:
    """The status of the answer, which the error says in words; None when there was no answer."""
    found = _ANSWERED.search(str(error))
    return int(found[1]) if found else None

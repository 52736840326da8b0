"""Events from services that sign them as Standard Webhooks: `POST /api/events?source=<name>`.

A message counts when it is signed with a secret of its source over id, time and body, and its time is within five
minutes of the database's clock. That it is no copy says `triggers/receipts.py`.
"""

import logging
import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from django.http import HttpRequest

from approvals.clock import database_now
from workflows_app.api.answers import RefusedError
from workflows_app.credentials import webhook_secrets
from workflows_app.credentials.sealed import SealError
from workflows_app.models import WebhookSource
from workflows_app.triggers.receipts import TOLERANCE, Signed

_SOURCE: Final = re.compile(r"[a-z0-9_-]{1,60}")
# Without a dot, which parts id, time and body in what is signed.
_ID: Final = re.compile(r"[A-Za-z0-9_:=+/~-]{1,120}")
_SECONDS: Final = re.compile(r"[0-9]{1,11}")

logger = logging.getLogger(__name__)


def verified(request: HttpRequest, source_name: str) -> Signed:
    """The message, when its source signed it just now. Raises `RefusedError`."""
    now = database_now()
    webhook_id = request.headers.get("webhook-id", "")
    seconds = request.headers.get("webhook-timestamp", "")
    known = WebhookSource.objects.filter(name=source_name, active=True) if _SOURCE.fullmatch(source_name) else None
    source = known.first() if known is not None else None
    if source is None or not _is_signed(source, request, webhook_id, seconds, now):
        logger.warning("%s %r: a webhook of %r is not signed", request.method, request.path, source_name[:60])
        raise RefusedError(401, "This is not signed by a source that we know.")
    # the signature first, so that nothing about the clock is told to a stranger.
    if abs(now.timestamp() - int(seconds)) > TOLERANCE.total_seconds():
        raise RefusedError(401, f"It was signed more than {TOLERANCE.seconds} seconds away from now.")
    return Signed(
        source=source,
        webhook_id=webhook_id,
        signed_at=datetime.fromtimestamp(int(seconds), tz=UTC),
        body_sha256=sha256(request.body).hexdigest(),
    )


def _is_signed(source: WebhookSource, request: HttpRequest, webhook_id: str, seconds: str, now: datetime) -> bool:
    if not _ID.fullmatch(webhook_id) or not _SECONDS.fullmatch(seconds):
        return False
    given = request.headers.get("webhook-signature", "")
    try:
        secrets = webhook_secrets.living(source, now)
        return webhook_secrets.is_signed(secrets, webhook_id, int(seconds), request.body.decode(), given)
    except SealError as error:
        logger.warning("nothing of %s can be verified: %s", source.name, error)
    except (UnicodeDecodeError, ValueError, OverflowError):  # not UTF-8; a time after the year 9999
        pass
    return False

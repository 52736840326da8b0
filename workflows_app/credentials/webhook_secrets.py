"""Standard Webhooks signatures and their secrets, for what we send and what we receive.

The library's own `verify` is not used: it asks the clock of this host, takes a message any number of times, and raises
ValueError at a signature that is not ASCII. Its `sign` is; what it gives is compared here.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils.crypto import constant_time_compare
from standardwebhooks import Webhook

from workflows_app.credentials.sealed import seal, unseal
from workflows_app.models import WebhookSource, WebhookSubscription

PREFIX: Final = "whsec_"
# How long the secret before counts after a new one was made, so that nobody has to change both ends at once.
OVERLAP: Final = timedelta(hours=24)
_SHORTEST, _LONGEST = 24, 64  # bytes, as the standard says
_SIGNATURES: Final = re.compile(r"v1,([A-Za-z0-9+/=]+)")


class SecretError(ValueError):
    """A text is no secret of a webhook; the message says what one is."""


def new_secret() -> str:
    """A fresh secret of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def checked(text: str) -> str:
    """A secret that somebody else made, as it is. Raises `SecretError`."""
    encoded = text.removeprefix(PREFIX)
    try:
        size = len(base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not _SHORTEST <= size <= _LONGEST:
        raise SecretError(f"a secret is {PREFIX} and {_SHORTEST} to {_LONGEST} bytes in base64")
    return text


def rotate(row: WebhookSource | WebhookSubscription, secret: str, now: datetime) -> None:
    """Give the row another secret; the one before counts for another day. Does not save."""
    row.previous_secret, row.previous_until = row.secret, now + OVERLAP
    row.secret = seal(secret)


def living(row: WebhookSource | WebhookSubscription, now: datetime) -> list[str]:
    """The secrets that count at `now`, the newest first. Raises `SealError`."""
    sealed = [row.secret]
    if row.previous_secret and row.previous_until is not None and now < row.previous_until:
        sealed.append(row.previous_secret)
    return [unseal(text) for text in sealed]


def sign(living_secrets: Sequence[str], webhook_id: str, seconds: int, body: str) -> str:
    """The header `webhook-signature`: one signature for each secret. `seconds` since 1970."""
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    return " ".join(Webhook(secret).sign(webhook_id, moment, body) for secret in living_secrets)


def is_signed(living_secrets: Sequence[str], webhook_id: str, seconds: int, body: str, given: str) -> bool:
    """Whether one of the signatures in `given`, a header of a stranger, was made with one of the secrets."""
    right = sign(living_secrets, webhook_id, seconds, body).split(" ")
    offered = [part for part in given.split(" ")[:10] if _SIGNATURES.fullmatch(part)]
    return any(constant_time_compare(one, other) for one in offered for other in right)

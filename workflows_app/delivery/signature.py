"""How our own endpoints recognise our own calls: an HMAC that only holders of SECRET_KEY can make.

A signature is good for five minutes around its timestamp and covers method, path, idempotency key and body, so that no
part can be exchanged. It may be replayed within that time, so a signed endpoint must not change anything.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.crypto import constant_time_compare, salted_hmac

TIMESTAMP_HEADER = "X-Countersign-Timestamp"
SIGNATURE_HEADER = "X-Countersign-Signature"
IDEMPOTENCY_HEADER = "Idempotency-Key"
TOLERANCE_SECONDS = 300

_SALT = "countersign.service"


class SignatureError(Exception):
    """A call is not ours, or its signature is too old; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """What is signed. `path` includes the query, if there is one."""

    method: str
    path: str
    idempotency_key: str
    body: bytes


def sign(call: Call, now: datetime) -> dict[str, str]:
    """The headers that make `call` ours; `now` is aware."""
    timestamp = str(int(now.timestamp()))
    return {
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: _mac(call, timestamp),
        IDEMPOTENCY_HEADER: call.idempotency_key,
    }


def verify(call: Call, headers: Mapping[str, str], now: datetime) -> None:
    """Return when the headers are right for `call` at `now`. Raises `SignatureError`."""
    timestamp = headers.get(TIMESTAMP_HEADER, "")
    signature = headers.get(SIGNATURE_HEADER, "")
    # the MAC first, so that nothing about the clock is told to a stranger.
    if not constant_time_compare(_bytes(signature), _bytes(_mac(call, timestamp))):
        raise SignatureError("the signature does not match")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise SignatureError(f"the signature is more than {TOLERANCE_SECONDS} seconds away from now")


def _mac(call: Call, timestamp: str) -> str:
    """HMAC-SHA256 in hexadecimal. Every part is hashed first, so that no two calls give the same bytes."""
    parts = (call.method.upper(), call.path, call.idempotency_key, timestamp)
    hashes = [hashlib.sha256(_bytes(part)).hexdigest() for part in parts]
    text = "\n".join([*hashes, hashlib.sha256(call.body).hexdigest()])
    return salted_hmac(_SALT, text, algorithm="sha256").hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")

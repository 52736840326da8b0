"""API tokens: `cst_<public>_<secret>`. Made here, shown once, found by the public part, compared by hash."""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare

from approvals.principals import Principal
from workflows_app.models.api import SCOPES, ApiToken

# Machines of our own: a token with such a name would sign runs as if they did it.
OURS: Final = frozenset({"command", "events", "mail", "mcp", "runner", "schedule", "tick", "verify"})
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_TOKEN: Final = re.compile(r"cst_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_USED_AGAIN_AFTER: Final = timedelta(minutes=1)


class TokenError(ValueError):
    """A token cannot be made; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A new token. `text` is the only copy of it."""

    token: ApiToken
    text: str


def make(
    name: str, scopes: Collection[str], *, by: Principal, now: datetime, expires_at: datetime | None = None
) -> Made:
    """Store a new token. Raises `TokenError`."""
    _check(name, scopes, now, expires_at)
    public, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    token = ApiToken(
        name=name,
        public=public,
        secret_hash=_hash(secret),
        scopes=" ".join(sorted(set(scopes))),
        created_by=str(by),
        created_at=now,
        expires_at=expires_at,
    )
    try:
        with transaction.atomic():
            token.save(force_insert=True)
    except IntegrityError as error:
        raise TokenError(f"there is a token {name} already, maybe a revoked one; names are never used again") from error
    return Made(token=token, text=f"cst_{public}_{secret}")


def find(text: str, now: datetime) -> ApiToken | None:
    """The token whose text this is, unless it is revoked or has expired."""
    match = _TOKEN.fullmatch(text)
    if match is None:
        return None
    token = ApiToken.objects.filter(public=match[1]).first()
    if token is None or not constant_time_compare(_hash(match[2]), token.secret_hash):
        return None
    return token if standing(token, now) == "active" else None


def standing(token: ApiToken, now: datetime) -> str:
    """`active`, `revoked` or `expired`."""
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at is not None and token.expires_at <= now else "active"


def used(token: ApiToken, now: datetime) -> None:
    """Remember when it was used last, to the minute."""
    before = now - _USED_AGAIN_AFTER
    if token.last_used_at is None or token.last_used_at < before:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=before)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def revoke(token_id: int, *, by: Principal, now: datetime) -> bool:
    """Let the token open nothing any more, from the next call on; False when it was revoked before."""
    return bool(ApiToken.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=now, revoked_by=str(by)))


def public_part(text: str) -> str:
    """What may be logged of a token that somebody showed: nothing of its secret."""
    match = _TOKEN.fullmatch(text)
    return f"cst_{match[1]}_…" if match else "no token of ours"


def name_problem(name: str) -> str:
    """Why a machine cannot be called so, in a sentence; empty when it can."""
    if not _NAME.fullmatch(name):
        return "a name has 1 to 60 small letters, digits, - or _, and begins with a letter or digit"
    return f"{name} is a part of Countersign itself; choose another name" if name in OURS else ""


def _check(name: str, scopes: Collection[str], now: datetime, expires_at: datetime | None) -> None:
    problem = name_problem(name)
    unknown = sorted(set(scopes) - SCOPES.keys())
    if not problem and unknown:
        problem = f"there is no scope {', '.join(unknown)}; there are {', '.join(SCOPES)}"
    if not problem and not scopes:
        problem = f"choose at least one scope of {', '.join(SCOPES)}"
    if not problem and expires_at is not None and expires_at <= now:
        problem = "it would have expired already"
    if problem:
        raise TokenError(problem)


def _hash(secret: str) -> str:
    """A plain hash is enough: the secret is 256 random bits, which nobody guesses."""
    return hashlib.sha256(secret.encode()).hexdigest()

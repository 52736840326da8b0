"""Who calls: `Authorization: Bearer <token>`; an operation takes `auth=Bearer("mail:write")`.

A caller is always a machine (`machine:<name of the token>`), and a machine never decides.
"""

import logging

from django.http import HttpRequest
from ninja.security import HttpBearer

from approvals.clock import database_now
from approvals.principals import Principal
from workflows_app.api.answers import RefusedError
from workflows_app.credentials import tokens

logger = logging.getLogger(__name__)


def caller(request: HttpRequest, scope: str) -> Principal:
    """The machine whose token came with the call. Raises `RefusedError`: 401 without a token, 403 without `scope`."""
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    text = text.strip()
    if kind.lower() != "bearer" or not text:
        raise RefusedError(401, "Send a token as `Authorization: Bearer <token>`.")
    now = database_now()
    token = tokens.find(text, now)
    if token is None:
        logger.warning("%s from %s: refused %s", _place(request), _address(request), tokens.public_part(text))
        raise RefusedError(401, "This token is unknown, has expired or was revoked.")
    if scope not in token.scopes.split():
        logger.warning("%s from %s: %s lacks %s", _place(request), _address(request), token.name, scope)
        raise RefusedError(403, f"The token {token.name} lacks the scope {scope}.")
    tokens.used(token, now)
    return Principal.machine(token.name)


class Bearer(HttpBearer):
    """For ninja's operations: `request.auth` is the caller."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Principal:
        """The caller. Raises `RefusedError`."""
        return caller(request, self.scope)

    def authenticate(self, request: HttpRequest, token: str) -> Principal:
        """The caller. Raises `RefusedError`."""
        return caller(request, self.scope)


def _place(request: HttpRequest) -> str:
    return f"{request.method} {request.path!r}"


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))

"""Who calls: `Authorization: Bearer <token>`. Our own views take `token_required`, ninja's operations `Bearer`.

    @token_required("mail:write")
    @require_POST
    def view(request: HttpRequest, caller: Principal) -> HttpResponse: ...

A caller is always a machine (`machine:<name of the token>`), and a machine never decides.
"""

import logging
from collections.abc import Callable
from functools import wraps

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja.security import HttpBearer

from approvals.clock import database_now
from approvals.principals import Principal
from workflows_app.api.answers import RefusedError, problem, too_large
from workflows_app.credentials import tokens

View = Callable[[HttpRequest], HttpResponse]
CalledView = Callable[[HttpRequest, Principal], HttpResponse]

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


def token_required(scope: str) -> Callable[[CalledView], View]:
    """Let a view be called only with a token of `scope`; it gets the caller. The token takes the place of CSRF's."""

    def decorate(view: CalledView) -> View:
        @csrf_exempt
        @wraps(view)
        def checked(request: HttpRequest) -> HttpResponse:
            try:
                return view(request, caller(request, scope))
            except RefusedError as refused:
                return problem(refused.status, refused.sentence)
            except RequestDataTooBig:
                return too_large()

        return checked

    return decorate


class Bearer(HttpBearer):
    """The same for ninja's operations: `auth=Bearer("runs:read")`; `request.auth` is the caller."""

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

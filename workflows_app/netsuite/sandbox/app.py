"""The sandbox as a WSGI application: who may come in, in which order things are checked, and what can break."""

import json
import logging
import secrets
import socket
import sqlite3
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from workflows_app.netsuite.sandbox.account import SandboxAccount
from workflows_app.netsuite.sandbox.arrivals import Arrival
from workflows_app.netsuite.sandbox.console import Console
from workflows_app.netsuite.sandbox.errors import RestError, not_logged_in, too_many_at_once, unexpected
from workflows_app.netsuite.sandbox.faults import Fault, Rule
from workflows_app.netsuite.sandbox.routes import Routes, record_type_of
from workflows_app.netsuite.sandbox.signatures import is_signed

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)
TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105
_ERROR = "application/vnd.oracle.resource+json; type=error"
_OWN_NAMES = {"127.0.0.1", "localhost", "[::1]"}
_REFUSED_FIRST: dict[Fault, Callable[[], RestError]] = {
    Fault.TOO_MANY: too_many_at_once,
    Fault.UNAUTHORIZED: not_logged_in,
    Fault.EXPIRED_TOKEN: not_logged_in,
    Fault.ERROR_BEFORE_COMMIT: lambda: unexpected(secrets.token_hex(8)),
}


class _DropError(Exception):
    """Break the connection instead of answering."""


class SandboxApp:
    """Answers requests of one account."""

    def __init__(self, account: SandboxAccount, sleep: Callable[[float], None] = time.sleep) -> None:
        self._account = account
        self._routes = Routes(account)
        self._console = Console(account)
        self._sleep = sleep

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """One request. A dropped connection ends in ConnectionAbortedError, which the server takes quietly."""
        request = Request(environ)
        if request.host.rpartition(":")[0] not in _OWN_NAMES and request.host not in _OWN_NAMES:
            return Response("This sandbox answers on loopback only.", status=403)(environ, start_response)
        if request.path.startswith("/sandbox/"):
            return self._console.answer(request)(environ, start_response)
        arrival = self._arrived(request)
        try:
            response = self._answer(request, arrival)
        except _DropError:
            _break(environ)
            raise ConnectionAbortedError from None
        arrival.status, arrival.answer = response.status_code, response.get_data(as_text=True)[:4000]
        if request.path == TOKEN_PATH:
            arrival.answer = "(hidden)"
        response.headers["Set-Cookie"] = "NS_VER=2026.1.0; path=/; secure"
        return response(environ, start_response)

    def _arrived(self, request: Request) -> Arrival:
        return self._account.arrivals.add(
            method=request.method,
            path=request.path,
            query=request.query_string.decode("ascii", "replace"),
            headers=dict(request.headers),
            body=request.get_data(),
            at=self._account.store.clock().isoformat(),
        )

    def _answer(self, request: Request, arrival: Arrival) -> Response:
        rule = self._account.faults.take(request.method, request.path, record_type_of(request.path))
        arrival.fault = rule.fault if rule else ""
        try:
            if request.path == TOKEN_PATH:
                return self._broken(rule, lambda: self._routes.token(request))
            with self._account.governance.place():
                return self._broken(rule, lambda: self._carry_out(request))
        except RestError as error:
            return _refusal(error)

    def _broken(self, rule: Rule | None, handle: Callable[[], Response]) -> Response:
        """The answer, or what a planted fault makes of it."""
        if rule is None:
            return handle()
        self._before(rule)
        if rule.fault is Fault.ACCEPTED:
            return Response(status=202, headers={"Location": "/services/rest/async/v1/job/1",
                                                 "Preference-Applied": "respond-async"})  # fmt: skip
        return self._after(rule, handle())

    def _before(self, rule: Rule) -> None:
        """Faults before the request is carried out."""
        if rule.fault is Fault.DROP_BEFORE_COMMIT:
            raise _DropError
        if rule.fault is Fault.EXPIRED_TOKEN:
            self._account.tokens.forget()
        if rule.fault is Fault.LATE_COMMIT:
            self._sleep(rule.seconds)
        if rule.fault in _REFUSED_FIRST:
            raise _REFUSED_FIRST[rule.fault]()

    def _after(self, rule: Rule, response: Response) -> Response:
        """Faults after it."""
        if rule.fault is Fault.COMMIT_THEN_DROP:
            raise _DropError
        if rule.fault is Fault.DELAY:
            self._sleep(rule.seconds)
        if rule.fault is Fault.ERROR_AFTER_COMMIT:
            raise unexpected(secrets.token_hex(8))
        if rule.fault is Fault.MALFORMED_JSON:
            return Response('{"links": [', status=200, content_type="application/json")
        return response

    def _carry_out(self, request: Request) -> Response:
        """The answer of somebody who may come in; a refusal is an answer too."""
        try:
            if not self._is_logged_in(request):
                raise not_logged_in()
            return self._routes.answer(request)
        except RestError as error:
            return _refusal(error)
        except HTTPException as error:
            return _refusal(RestError(error.code or 400, "INVALID_REQUEST", error.description or "Invalid request."))
        except sqlite3.Error:
            error_id = secrets.token_hex(8)
            logger.exception("The sandbox's file failed (%s)", error_id)
            return _refusal(unexpected(error_id))

    def _is_logged_in(self, request: Request) -> bool:
        header = request.headers.get("Authorization", "")
        if header.startswith("Bearer "):
            return self._account.tokens.is_good(header.removeprefix("Bearer "))
        return is_signed(header) and self._account.signatures.accepts(header, request.method, _as_sent(request))


def _as_sent(request: Request) -> str:
    """The address letter for letter, because its signature covers it so."""
    raw: Any = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    return request.host_url.rstrip("/") + str(raw) if raw else request.url


def _refusal(error: RestError) -> Response:
    body = json.dumps(error.body(), ensure_ascii=False)
    return Response(body, status=error.status, headers=error.headers, content_type=_ERROR)


def _break(environ: "WSGIEnvironment") -> None:
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)

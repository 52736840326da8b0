"""Calls to our own endpoints: in this process by default, over a socket when SITE_URL is set."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from django.conf import settings
from django.db import connections
from django.urls import get_script_prefix, get_urlconf, set_script_prefix, set_urlconf
from django.utils.module_loading import import_string

from approvals.canonical import JsonValue, canonical
from approvals.clock import database_now
from workflows_app.delivery import signature

MAX_BYTES = 20 * 1024 * 1024
TIMEOUT = httpx.Timeout(30, connect=5)
# An answer that trickles in keeps every single time-out; a call must be over well before the lease of its run is.
LONGEST_SECONDS = 60.0

_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?(?:\?[A-Za-z0-9._~=&%,:+-]*)?")
_PASSING = frozenset({408, 425, 429})


class TransientCallError(Exception):
    """The call may succeed when it is tried again: no answer, a busy or broken server."""


class PermanentCallError(Exception):
    """The same call will never succeed: refused, too large, or not one of our addresses."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """A successful answer: its status (2xx), its whole body and its content type."""

    status: int
    content: bytes
    content_type: str


def call(method: str, path: str, data: JsonValue, *, idempotency_key: str) -> Response:
    """Make the request once, signed, with `data` as JSON. Raises `TransientCallError` or `PermanentCallError`."""
    path = _own_path(path)
    body = b"" if data is None else canonical(data).encode()
    end = time.monotonic() + LONGEST_SECONDS
    signed = signature.Call(method=method, path=path, idempotency_key=idempotency_key, body=body)
    headers = {"Content-Type": "application/json", **signature.sign(signed, database_now())}
    try:
        with _client() as client, client.stream(method, path, content=body, headers=headers) as answer:
            return _answer(answer, path, end)
    except httpx.RequestError as error:
        raise TransientCallError(f"{path}: {type(error).__name__}: {error}") from error


def _own_path(path: str) -> str:
    """`path`, when it stays on our own site: no host, no step upwards, nothing that servers read in different ways."""
    if not _PATH.fullmatch(path):
        raise PermanentCallError(f"{path!r} is not a path of our own site, such as /api/quote/pdf")
    return path


@contextmanager
def _client() -> Iterator[httpx.Client]:
    """A client for our own site that follows no redirects and knows no proxies."""
    if settings.SITE_URL:
        with httpx.Client(base_url=settings.SITE_URL, timeout=TIMEOUT, trust_env=False) as client:
            yield client
        return
    transport = httpx.WSGITransport(app=import_string(settings.WSGI_APPLICATION), raise_app_exceptions=False)
    with _undisturbed(), httpx.Client(base_url=f"https://{_own_host()}", transport=transport) as client:
        yield client


def _own_host() -> str:
    """A name that ALLOWED_HOSTS lets in."""
    named = (host.removeprefix(".") for host in settings.ALLOWED_HOSTS if "*" not in host)
    return next(named, "localhost")


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep from the caller what a request in this thread does when it begins and ends.

    It sets the script prefix and the URL configuration, and it closes database connections that are in a transaction
    (Django takes that for a leftover) or past CONN_MAX_AGE. Connection objects belong to one thread, so shielding ours
    touches no other request; disconnecting the signal, as Django's test client does, would.
    """
    prefix, urlconf = get_script_prefix(), get_urlconf()
    shielded = connections.all(initialized_only=True)
    for connection in shielded:
        vars(connection)["close_if_unusable_or_obsolete"] = _leave_alone
    try:
        yield
    finally:
        for connection in shielded:
            vars(connection).pop("close_if_unusable_or_obsolete", None)
        set_script_prefix(prefix)
        set_urlconf(urlconf)


def _leave_alone() -> None:
    """In place of closing a connection that is in use."""


def _answer(answer: httpx.Response, path: str, end: float) -> Response:
    content = _limited(answer, path, end)
    if answer.is_success:
        return Response(status=answer.status_code, content=content, content_type=answer.headers.get("content-type", ""))
    message = f"{path} answered {answer.status_code}: {_words(answer, content)}"
    if answer.status_code in _PASSING or answer.is_server_error:
        raise TransientCallError(message)
    raise PermanentCallError(message)


def _words(answer: httpx.Response, content: bytes) -> str:
    """What the answer says in words; a page of HTML says nothing."""
    if "html" in answer.headers.get("content-type", ""):
        return answer.reason_phrase
    return content[:500].decode(errors="replace")


def _limited(answer: httpx.Response, path: str, end: float) -> bytes:
    content = bytearray()
    for chunk in answer.iter_bytes():
        content += chunk
        if time.monotonic() > end:
            raise TransientCallError(f"{path} has not answered as a whole within {LONGEST_SECONDS:.0f} seconds")
        if len(content) > MAX_BYTES:
            raise PermanentCallError(f"{path} answered more than {MAX_BYTES} bytes")
    return bytes(content)

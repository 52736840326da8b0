"""Calls of steps: to our own endpoints, in this process or over a socket when SITE_URL is set, or to a listed host."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
from django.conf import settings
from django.db import connections
from django.urls import get_script_prefix, get_urlconf, set_script_prefix, set_urlconf
from django.utils.module_loading import import_string

from approvals.canonical import JsonValue, canonical
from approvals.clock import database_now
from workflows_app.delivery import answers, outside, signature
from workflows_app.delivery.answers import Limits, PermanentCallError, Response, TransientCallError
from workflows_app.delivery.references import Header
from workflows_app.delivery.wire import Pinned, Transport

__all__ = ["PermanentCallError", "Response", "TransientCallError", "call"]

MAX_BYTES = answers.MAX_BYTES
TIMEOUT = outside.TIMEOUT
# A call must be over well before the lease of its run is.
LONGEST_SECONDS = outside.LONGEST_SECONDS

_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?(?:\?[A-Za-z0-9._~=&%,:+-]*)?")


def call(
    method: str, path: str, data: JsonValue, *, idempotency_key: str, headers: Mapping[str, Header] | None = None
) -> Response:
    """Make the request once with `data` as JSON. Raises `TransientCallError` or `PermanentCallError`.

    A `path` of our own site is signed. A whole https address goes to a host of `HTTP_HOSTS` by `outside.send`, with
    `headers`, and without our signature, which would open our own endpoints to whoever received it.
    """
    body = b"" if data is None else canonical(data).encode()
    if "://" in path:
        sent = {"Content-Type": "application/json", **(headers or {})}
        asked = outside.Outgoing(method=method, url=path, body=body, idempotency_key=idempotency_key, headers=sent)
        return outside.send(asked, outside.listed)
    return _own_call(signature.Call(method=method, path=_own_path(path), idempotency_key=idempotency_key, body=body))


def _own_call(asked: signature.Call) -> Response:
    end = time.monotonic() + LONGEST_SECONDS
    signed = signature.sign(asked, database_now())
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", **signed}
    limits = Limits(end=end, seconds=LONGEST_SECONDS, most=MAX_BYTES)
    try:
        with (
            _client(end) as client,
            client.stream(asked.method, asked.path, content=asked.body, headers=headers) as answer,
        ):
            return answers.read_answer(answer, asked.path, limits)
    except httpx.RequestError as error:
        if time.monotonic() > end:
            raise answers.too_late(asked.path, LONGEST_SECONDS) from error
        raise TransientCallError(f"{asked.path}: {type(error).__name__}: {error}") from error


def _own_path(path: str) -> str:
    """`path`, when it stays on our own site: no host, no step upwards, nothing that servers read in different ways."""
    if not _PATH.fullmatch(path):
        raise PermanentCallError(f"{path!r} is not a path of our own site, such as /api/quote/pdf")
    return path


@contextmanager
def _client(end: float) -> Iterator[httpx.Client]:
    """A client for our own site that follows no redirects and knows no proxies."""
    if settings.SITE_URL:
        transport: httpx.BaseTransport = Transport(Pinned(end))
        with httpx.Client(base_url=settings.SITE_URL, timeout=TIMEOUT, transport=transport) as client:
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

"""Calls to far ends that are not ours. Whoever calls out (steps, webhooks) calls `send`, and nothing else.

In this order: the address is judged as text; its host must be allowed; its name is resolved once, and every address it
stands for is judged; the connection goes to one of exactly those addresses, while TLS is verified against the name; no
redirect is followed; body and time are limited as a whole; nothing is unpacked. No proxy of the environment is used.
"""

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import httpcore
import httpx
from django.conf import settings

from workflows_app.delivery.addresses import AddressError, Reach, Target, judge, networks, read_target
from workflows_app.delivery.answers import (
    MAX_BYTES,
    Limits,
    PermanentCallError,
    Response,
    TransientCallError,
    read_answer,
    too_late,
)
from workflows_app.delivery.references import Header, hide, reveal
from workflows_app.delivery.wire import Pinned, Transport

LONGEST_SECONDS = 60.0
TIMEOUT = httpx.Timeout(30, connect=5)
RESOLVE_SECONDS = 5.0

Resolve = Callable[[str, int], Sequence[str]]
"""The network addresses of a host name for a port. Raises `OSError`."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One request. `headers` may hold references to secrets; `keep`: whether the body of the answer is wanted.

    The idempotency key is sent as `Idempotency-Key`, so that the far end can tell a repetition.
    """

    method: str
    url: str
    body: bytes = b""
    idempotency_key: str
    headers: Mapping[str, Header] = field(default_factory=dict)
    keep: bool = True
    seconds: float = LONGEST_SECONDS


def listed(target: Target) -> Reach:
    """For `http_call`: hosts that the environment lists (`HTTP_HOSTS`), each with port 443 unless it names another."""
    entries = {entry if ":" in entry else f"{entry}:443" for entry in settings.HTTP_HOSTS}
    return Reach.FAR if f"{target.host}:{target.port}" in entries else Reach.NOWHERE


def anyone(target: Target) -> Reach:
    """For addresses that a person configured, such as webhooks: any public host by https on its usual port."""
    return Reach.FAR if target.usual else Reach.OURS


def check(url: str, allowed: Callable[[Target], Reach]) -> Target:
    """`url` taken apart, when its text and its host may be called at all. Raises `PermanentCallError`.

    For a form that takes an address: its network addresses are judged only when it is called.
    """
    try:
        target = read_target(url)
    except AddressError as error:
        raise PermanentCallError(f"the address may not be called: {error}") from error
    if allowed(target) is Reach.NOWHERE:
        raise PermanentCallError(f"{target.place} is not among the hosts that may be called (HTTP_HOSTS)")
    return target


def send(
    request: Outgoing,
    allowed: Callable[[Target], Reach],
    *,
    resolve: Resolve | None = None,
    backend: httpcore.NetworkBackend | None = None,
) -> Response:
    """Make the request once. Raises `TransientCallError` or `PermanentCallError`, never with a secret in it.

    `allowed` is `listed` or `anyone`. Tests give a `resolve` and a `backend` of their own.
    """
    target = check(request.url, allowed)
    end = time.monotonic() + request.seconds
    headers, secrets = reveal(request.headers)
    addresses = _addresses(target, allowed(target), resolve or system_addresses)
    headers = {**headers, "Idempotency-Key": request.idempotency_key, "Accept-Encoding": "identity"}
    limits = Limits(end=end, seconds=request.seconds, most=MAX_BYTES, keep=request.keep)
    try:
        answer = _sent(request, target, headers, Transport(Pinned(end, addresses, backend)), limits)
    except (TransientCallError, PermanentCallError) as error:
        raise type(error)(hide(str(error), secrets)) from None  # the cause would say what is hidden
    if any(secret.encode() in answer.content for secret in secrets):
        raise PermanentCallError(f"{target.place} answered with a secret of ours, which is not kept")
    return answer


def _sent(
    request: Outgoing, target: Target, headers: Mapping[str, str], transport: Transport, limits: Limits
) -> Response:
    client = httpx.Client(transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False)
    asked: dict[str, Any] = {"content": request.body, "headers": headers}
    try:
        with client, client.stream(request.method, target.url, **asked) as answer:
            return read_answer(answer, target.place, limits)
    except httpx.RequestError as error:
        if time.monotonic() > limits.end:
            raise too_late(target.place, limits.seconds) from error
        raise TransientCallError(f"{target.place}: {type(error).__name__}: {error}") from error


def _addresses(target: Target, reach: Reach, resolve: Resolve) -> tuple[str, ...]:
    try:
        found = [target.host] if target.literal else resolve(target.host, target.port)
        return judge(found, target, reach, networks(settings.HTTP_NETWORKS))
    except AddressError as error:
        raise PermanentCallError(f"the address may not be called: {error}") from error
    except OSError as error:
        raise TransientCallError(f"{target.place}: its name could not be resolved: {error}") from error


def system_addresses(host: str, port: int) -> list[str]:
    """What the system's resolver says, asked once and not for ever. Raises `OSError`."""
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()
    Thread(target=lambda: answers.put(_asked(host, port)), daemon=True).start()
    try:
        answer = answers.get(timeout=RESOLVE_SECONDS)
    except Empty:
        raise TimeoutError(f"no answer within {RESOLVE_SECONDS:.0f} seconds") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _asked(host: str, port: int) -> list[str] | OSError:
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError as error:
        return error

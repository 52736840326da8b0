"""What came of a call: the answer of a far end, read within limits, or why there is none."""

import time
from dataclasses import dataclass
from typing import Final

import httpx

MAX_BYTES = 20 * 1024 * 1024
_WORDS: Final = 500
_PASSING: Final = frozenset({408, 425, 429})


class TransientCallError(Exception):
    """The call may succeed when it is tried again: no answer, a busy or broken server."""


class PermanentCallError(Exception):
    """The same call will never succeed: refused, too large, or not an address that may be called."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """A successful answer: its status (2xx), its whole body and its content type."""

    status: int
    content: bytes
    content_type: str


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much of an answer is read. `end`: a moment of the monotonic clock; `seconds`: how long that was at first.

    `keep`: whether the body is wanted. If not, only its beginning is read, and nothing is too long.
    """

    end: float
    seconds: float
    most: int
    keep: bool = True


def read_answer(answer: httpx.Response, whose: str, limits: Limits) -> Response:
    """The whole answer of a 2xx. Raises `TransientCallError` or `PermanentCallError` in words, `whose` in front."""
    content = _limited(answer, whose, limits)
    if answer.is_success:
        kind = answer.headers.get("content-type", "")
        return Response(status=answer.status_code, content=content if limits.keep else b"", content_type=kind)
    message = f"{whose} answered {answer.status_code}: {_words(answer, content)}"
    if answer.status_code in _PASSING or answer.is_server_error:
        raise TransientCallError(message)
    raise PermanentCallError(message)


def too_late(whose: str, seconds: float) -> TransientCallError:
    """The error for a call that lasts longer than a call may."""
    return TransientCallError(f"{whose} has not answered as a whole within {seconds:.0f} seconds")


def _words(answer: httpx.Response, content: bytes) -> str:
    """What the answer says in words; a page of HTML says nothing, and neither does what is packed."""
    if answer.is_redirect:
        return "redirects are not followed"
    if "html" in answer.headers.get("content-type", "") or _packed(answer):
        return answer.reason_phrase
    return storable(content[:_WORDS])


def storable(said: bytes) -> str:
    """What a far end said as a text that PostgreSQL stores: without NUL characters."""
    return said.decode(errors="replace").replace("\0", "\ufffd")


def _limited(answer: httpx.Response, whose: str, limits: Limits) -> bytes:
    """The bytes as they came. Nothing is unpacked: kilobytes could become gigabytes."""
    if limits.keep and answer.is_success and _packed(answer):
        raise PermanentCallError(f"{whose} answered in a packed form, although none was accepted")
    content = bytearray()
    for chunk in answer.iter_raw():
        content += chunk
        if time.monotonic() > limits.end:
            raise too_late(whose, limits.seconds)
        if not limits.keep and len(content) > _WORDS:
            break
        if len(content) > limits.most:
            raise PermanentCallError(f"{whose} answered more than {limits.most} bytes")
    return bytes(content)


def _packed(answer: httpx.Response) -> bool:
    coding: str = answer.headers.get("content-encoding", "identity")
    return coding.strip().lower() != "identity"

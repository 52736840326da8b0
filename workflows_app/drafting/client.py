"""One request to the endpoint: no redirects, no proxies, at most so many bytes and seconds. Never in a transaction."""

import json
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx

from workflows_app.delivery.wire import Pinned, Transport
from workflows_app.drafting.endpoint import Endpoint

MAX_BYTES: Final = 256 * 1024


class NoAnswerError(Exception):
    """There is nothing to use; the message says why, with nothing of the answer, the address or the key in it."""


def ask(endpoint: Endpoint, system: str, text: str, *, seconds: float | None = None) -> str:
    """What the model says to `text` under the instructions `system`, within `seconds` (the endpoint's own at most).

    Raises `NoAnswerError`, and nothing else.
    """
    limit = min(endpoint.seconds, endpoint.seconds if seconds is None else seconds)
    if limit <= 0:
        raise NoAnswerError("there was no time left to ask the language model")
    messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
    try:
        answer = _posted(endpoint, {"model": endpoint.model, "messages": messages, "stream": False}, limit)
    except httpx.TimeoutException:
        raise _late(limit) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise NoAnswerError(f"the language model was not reached ({type(error).__name__})") from None
    return _said(answer)


def _posted(endpoint: Endpoint, body: dict[str, Any], limit: float) -> bytes:
    end = time.monotonic() + limit
    # Nothing is compressed, so that what is counted is what is kept.
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    transport = Transport(Pinned(end))  # over at `end`, also for an answer that trickles in
    with (
        httpx.Client(transport=transport, timeout=limit, trust_env=False, follow_redirects=False) as client,
        client.stream("POST", f"{endpoint.url}/chat/completions", json=body, headers=headers) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            raise NoAnswerError(f"the language model answered {answer.status_code}")
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise NoAnswerError("the language model answered in a compression that was not asked for")
        return b"".join(_limited(answer, end, limit))


def _limited(answer: httpx.Response, end: float, limit: float) -> Iterator[bytes]:
    size = 0
    for chunk in answer.iter_raw():
        size += len(chunk)
        if size > MAX_BYTES:
            raise NoAnswerError(f"the language model answered more than {MAX_BYTES // 1024} kB")
        if time.monotonic() > end:
            raise _late(limit)
        yield chunk


def _late(limit: float) -> NoAnswerError:
    return NoAnswerError(f"the language model did not answer within {limit:.3g} seconds")


def _said(answer: bytes) -> str:
    """The text of a chat completion that came to its end."""
    try:
        choice = json.loads(answer)["choices"][0]
        text, finish = choice["message"]["content"], choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise NoAnswerError("what the language model answered is no chat completion") from None
    if not isinstance(text, str) or not text.strip():
        raise NoAnswerError("the language model said nothing")
    if finish not in (None, "stop"):
        raise NoAnswerError("the language model did not come to an end")
    return text.replace("\r\n", "\n").strip()

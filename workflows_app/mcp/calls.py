"""Around every tool: one call at a time, office time, connections closed, errors in words that a model can act on."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connections
from django.utils import timezone
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent

from approvals.passing import PASSING
from workflows_app.mcp.told import RefusedError
from workflows_app.mcp.tools import ToolFunction
from workflows_app.runner.inputs import InputError
from workflows_app.runner.recheck import READING_ERRORS
from workflows_app.triggers.once import KeyTakenError
from workflows_app.triggers.quote_draft import NoQuoteDraftsError

# Held during a call. Who ends the server takes it first, so that nothing is cut off in the middle and nothing begins.
ONE_AT_A_TIME: Final = threading.Lock()

_BUSY: Final = (
    "The database is busy or away. It is not certain whether this was done: call again in a moment with the very same "
    "arguments; what has a key is not done twice."
)


def offered(tool: ToolFunction) -> Callable[..., CallToolResult]:
    """The tool as the server calls it, in a thread of the SDK. Raises `ToolError` with words for the model."""

    @wraps(tool)
    def call(**arguments: Any) -> CallToolResult:
        with ONE_AT_A_TIME, _connections_closed(), timezone.override(ZoneInfo(settings.OFFICE_TIME_ZONE)):
            told = _in_words(tool, arguments)
            return CallToolResult(
                content=[TextContent(type="text", text=told.text())], structured_content=told.model_dump(mode="json")
            )

    return call


@contextmanager
def _connections_closed() -> Iterator[None]:
    """A thread comes and goes: it leaves no connection behind."""
    try:
        yield
    finally:
        connections.close_all()


def _in_words(tool: ToolFunction, arguments: Mapping[str, Any]) -> Any:
    try:
        return tool(**arguments)
    except tuple(_WORDS) as error:
        say = next(words for kind, words in _WORDS.items() if isinstance(error, kind))
        raise ToolError(say(error)) from error


def _inputs(error: Any) -> str:
    said = " ".join(f"{name}: {message}" for name, message in error.errors.items())
    return f"These inputs cannot be used. {said} explain_workflow lists what it takes."


def _key(error: Any) -> str:
    return f"Nothing was done: {error} (run {error.run.pk}). Take a new key for a new request."


_WORDS: Final[Mapping[type[Exception], Callable[[Any], str]]] = {
    RefusedError: str,
    NoQuoteDraftsError: str,
    InputError: _inputs,
    KeyTakenError: _key,
    **dict.fromkeys(READING_ERRORS, lambda error: f"It cannot be planned: {error}"),
    **dict.fromkeys(PASSING, lambda error: _BUSY),
}

"""A chat program for tests: the SDK's own client, which starts `manage.py mcp` as a process of its own."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client, StdioServerParameters, stdio_client
from mcp_types import CallToolResult

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, kw_only=True)
class Chat:
    """One conversation. `log`: what the server wrote to stderr."""

    portal: BlockingPortal
    client: Client
    log: Path

    def tools(self) -> set[str]:
        """The names of the tools."""
        return {tool.name for tool in self.portal.call(self.client.list_tools).tools}

    def call(self, tool: str, **arguments: Any) -> Any:
        """What a tool gives as data. It must not refuse."""
        result = self.answer(tool, arguments)
        assert not result.is_error, said(result)
        assert said(result)
        return result.structured_content

    def refused(self, tool: str, **arguments: Any) -> str:
        """What a tool says that refuses."""
        result = self.answer(tool, arguments)
        assert result.is_error, said(result)
        return said(result)

    def answer(self, tool: str, arguments: dict[str, Any]) -> CallToolResult:
        """The answer as it is."""
        return self.portal.call(self.client.call_tool, tool, arguments)


def said(result: CallToolResult) -> str:
    """The text of an answer."""
    return "\n".join(part.text for part in result.content if part.type == "text")


@contextmanager
def chat(environment: Mapping[str, str], folder: Path) -> Iterator[Chat]:
    """A conversation with a server of its own; it ends when its stdin is closed.

    It begins with the handshake of today's chat programs, which waits; the newer one gives a slow machine ten seconds.
    """
    server = StdioServerParameters(
        command=sys.executable, args=["manage.py", "mcp"], env=dict(environment), cwd=str(ROOT)
    )
    path = folder / "mcp.log"
    with (
        path.open("w", encoding="utf-8") as log,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(stdio_client(server, errlog=log), mode="legacy")) as client,
    ):
        yield Chat(portal=portal, client=client, log=path)

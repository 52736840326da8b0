"""`mcp`: the chat server over stdin and stdout (docs/chat.md)."""

from typing import Any

from workflows_app.management.base import Command as BaseCommand
from workflows_app.mcp.server import serve


class Command(BaseCommand):
    """Serve one chat client: its tools read, plan and propose. Logs go to stderr."""

    # A chat program waits for it to start; everything else that starts makes the checks.
    requires_system_checks = ()
    help = "Serve a chat client over stdin and stdout (MCP): tools that read, plan and propose, and never decide."

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until stdin ends."""
        serve()

"""Who acts when a chat does."""

from typing import Final

from approvals.principals import Principal

CHAT: Final = Principal.machine("mcp")

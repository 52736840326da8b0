"""docs/chat.md names every tool that the chat server has, and none that it has not."""

import re
from pathlib import Path

from workflows_app.mcp.tools import PROPOSING, READING

PAGE = Path(__file__).parents[2] / "docs/chat.md"


def test_the_page_names_the_tools_that_there_are() -> None:
    [table] = re.findall(r"\| Tool \|.*?\n\n", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    first_cells = re.findall(r"^\| (.*?) \|", table, re.MULTILINE)
    named = {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}

    assert named == {tool.__name__ for tool in (*READING, *PROPOSING)}

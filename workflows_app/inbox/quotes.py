"""What somebody wrote himself, without what he answers to and without his signature.

mail-parser-reply finds where the quoted message begins. Its expressions take the cube of the length of a line (one of
20,000 characters: hours), so that it is given short lines, and few of them.
"""

import re
from collections.abc import Iterator
from typing import Final

from mailparser_reply import EmailReplyParser

from workflows_app.inbox.clean import MOST_TEXT, lines

_LONGEST_LINE: Final = 160
_WRAPPED: Final = "\ue000"  # where a long line was broken; a character that nobody's mail has
_PARSER: Final = EmailReplyParser(languages=["en"])
_SIGNATURE: Final = re.compile(r"(--|_{2,}|Sent from my \w.{0,40}|Get Outlook for .{0,20})")


def own_words(text: str) -> str:
    """The newest part of a message; all of it when nothing else is left. Gives at most `MOST_TEXT` characters."""
    bounded = lines(text.replace(_WRAPPED, " "))
    short = "\n".join(f"{_WRAPPED}\n".join(_wrapped(line)) for line in bounded.split("\n"))[:MOST_TEXT]
    replies = _PARSER.read(short).replies
    newest = replies[0].full_body if replies else short
    return _unquoted(newest) or _unquoted(short) or bounded


def _wrapped(line: str) -> Iterator[str]:
    """A line in pieces, broken at spaces where there are any."""
    while len(line) > _LONGEST_LINE:
        place = line.rfind(" ", 1, _LONGEST_LINE)
        yield line[: place if place > 0 else _LONGEST_LINE]
        line = line[place + 1 if place > 0 else _LONGEST_LINE :]
    yield line


def _unquoted(text: str) -> str:
    """Without lines that are quoted, and without what follows a signature's line."""
    kept: list[str] = []
    for line in text.split("\n"):
        if _SIGNATURE.fullmatch(line.strip()):
            break
        if not line.startswith(">"):
            kept.append(line)
    return lines("\n".join(kept).replace(f"{_WRAPPED}\n", " ").replace(_WRAPPED, " "))

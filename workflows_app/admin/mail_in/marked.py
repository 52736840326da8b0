"""The deciding words where they stand in a text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a text; `marked`: it is one of the words."""

    text: str
    marked: bool = False


def marked(text: str, words: Sequence[str]) -> list[Piece]:
    """The text in pieces, with every word marked wherever it stands, over line breaks too. Joined, it is the text."""
    wanted = [
        r"\s+".join(map(re.escape, word.split())) for word in sorted(words, key=len, reverse=True) if word.strip()
    ]
    if not wanted:
        return [Piece(text=text)]
    parts = re.split(f"({'|'.join(wanted)})", text.replace("’", "'"), flags=re.IGNORECASE)
    return [Piece(text=part, marked=bool(number % 2)) for number, part in enumerate(parts) if part]

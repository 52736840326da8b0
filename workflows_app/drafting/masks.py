"""What stays in the house: figures and given lines of a text become marks, and come back unchanged.

A letter's greeting, its last paragraph, and its listed, indented and quoted lines are `[[block-n]]`; amounts, dates,
addresses and everything else with a digit are `[[amount-n]]` and so on. A model can place a mark, and change nothing of
what it stands for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

MARK: Final = re.compile(r"\[\[([a-z]+-[0-9]+)\]\]")
_GIVEN = re.compile(r"(- |>|[ \t])")
_DATE = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{1,2}, \d{4}"
# One piece at a time, so that the time grows with the length only.
_PIECE = re.compile(rf"(?P<date>{_DATE})|(?P<open>[(\"“‘']+)|(?P<token>\S+)")
_AMOUNT = re.compile(r"-?\$[\d,]+(?:\.\d+)?")
_ENDS = ".,;:!?)\"”’'"


@dataclass(frozen=True, kw_only=True)
class Masked:
    """A text with marks in it, and what each stands for. `quotes`: another's words in it, without figures."""

    text: str
    meanings: dict[str, str]
    quotes: str = ""

    @property
    def blocks(self) -> list[str]:
        """The marks that are whole lines, in their order."""
        return [name for name in self.meanings if name.startswith("block-")]

    def restored(self, answer: str) -> str:
        """`answer` with what its marks stand for."""
        return MARK.sub(lambda mark: self.meanings[mark[1]], answer)


def mask_letter(body: str) -> Masked:
    """The body of a letter: only its prose is left in words."""
    lines = body.strip("\n").split("\n")
    given = _given(lines)
    meanings: dict[str, str] = {}
    parts: list[str] = []
    for is_given, group in groupby(zip(given, lines, strict=True), key=lambda pair: pair[0]):
        text = "\n".join(line for _, line in group)
        parts.append(_mark("block", text, meanings) if is_given else _mask_prose(text, meanings))
    quotes = "\n".join(line[1:].strip() for line in lines if line.startswith(">"))
    return Masked(text="\n".join(parts), meanings=meanings, quotes=without_figures(quotes))


def mask_prose(text: str) -> Masked:
    """Any other text: its figures and addresses."""
    meanings: dict[str, str] = {}
    return Masked(text=_mask_prose(text, meanings), meanings=meanings)


def without_figures(text: str) -> str:
    """Another's words with `#` for digits and no addresses: enough to understand what they are about."""
    shown = re.sub(r"\S+", lambda token: "[address]" if _is_address(token[0]) else token[0], text)
    return "".join("#" if char.isnumeric() else char for char in shown)


def _given(lines: list[str]) -> list[bool]:
    """Which lines are kept as they are."""
    last = max((number for number, line in enumerate(lines) if not line.strip()), default=len(lines))
    greeting = lines[0].rstrip().endswith((",", ":"))
    return [
        bool(line.strip()) and (_GIVEN.match(line) is not None or number > last or (number == 0 and greeting))
        for number, line in enumerate(lines)
    ]


def _mask_prose(text: str, meanings: dict[str, str]) -> str:
    return "".join(_masked_parts(text, meanings))


def _masked_parts(text: str, meanings: dict[str, str]) -> Iterator[str]:
    position = 0
    for piece in _PIECE.finditer(text):
        yield text[position : piece.start()]
        core = piece[0].rstrip(_ENDS) if piece["token"] else piece[0]
        kind = "date" if piece["date"] else _kind(core)
        yield _mark(kind, core, meanings) if kind else core
        position = piece.start() + len(core)
    yield text[position:]


def _kind(token: str) -> str:
    """Which kind of fact a word is; empty for a word that is none."""
    if _is_address(token):
        return "address"
    if not any(char.isnumeric() for char in token):
        return ""
    return "amount" if _AMOUNT.fullmatch(token) else "number"


def _is_address(token: str) -> bool:
    return "@" in token or "://" in token or token.lower().startswith("www.")


def _mark(kind: str, text: str, meanings: dict[str, str]) -> str:
    """The mark for `text`; what stands twice has one mark, a block never."""
    known = next((name for name, meaning in meanings.items() if meaning == text and kind != "block"), None)
    name = known or f"{kind}-{sum(each.startswith(f'{kind}-') for each in meanings) + 1}"
    meanings[name] = text
    return f"[[{name}]]"

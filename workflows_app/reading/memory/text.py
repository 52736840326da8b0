"""Found words in a text: marked, and cut down to the passage in which they stand. Pure."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

# Private characters of Unicode, which stand around a found word on its way from the database.
OPEN: Final = "\ue000"
CLOSE: Final = "\ue001"
WORD = re.compile(r"[^\W_]+")
_END = re.compile(f": {OPEN}?ended{CLOSE}? {OPEN}?as{CLOSE}? ")  # as `runner/post.py` writes it
_BEFORE: Final = 60  # characters shown before the first found word
_LENGTH: Final = 320


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a text; `found`: it is a word that was looked for. Not escaped: templates do that."""

    text: str
    found: bool = False


def marked(text: str, words: Collection[str]) -> str:
    """The text with OPEN and CLOSE around each of its words whose small letters are among `words`."""
    return WORD.sub(lambda word: f"{OPEN}{word[0]}{CLOSE}" if word[0].lower() in words else word[0], plain(text))


def plain(text: str) -> str:
    """The text without marks."""
    return text.replace(OPEN, "").replace(CLOSE, "")


def headline(text: str) -> tuple[Piece, ...]:
    """What a marked narrative is about: its first line, up to how it ended."""
    return tuple(_pieces(_parted(text)[0]))


def excerpt(text: str) -> tuple[Piece, ...]:
    """The passage of a marked narrative after its headline around the first found word, some 320 characters long."""
    pieces = _pieces(_parted(text)[1].strip())
    whole = "".join(piece.text for piece in pieces)
    found = next((place for place, piece in _placed(pieces) if piece.found), 0)
    start = _after_blank(whole, found - _BEFORE, found)
    return tuple(_cut(pieces, start, _before_blank(whole, start + _LENGTH)))


def _parted(text: str) -> tuple[str, str]:
    """Headline and the rest. The reasons of an end are often longer than what it was about."""
    end = _END.search(text)
    first = text.partition("\n")
    if end is None or end.start() > len(first[0]):
        return first[0], first[2]
    return text[: end.start()], text[end.start() + 2 :]


def _after_blank(text: str, place: int, last: int) -> int:
    """Where the next word after a place begins, `last` at the latest."""
    if place <= 0:
        return 0
    blank = re.compile(r"\s").search(text, place - 1, last)
    return blank.end() if blank else place


def _before_blank(text: str, place: int) -> int:
    """Where the last word before a place ends, when it is near."""
    blanks = [blank.start() for blank in re.finditer(r"\s", text[max(place - 40, 0) : place + 1])]
    return max(place - 40, 0) + blanks[-1] if blanks and place < len(text) else place


def _pieces(text: str) -> list[Piece]:
    """A marked text in parts. A mark without its other half marks nothing that was not looked for anyway."""
    parts = re.split(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}", text)
    pieces = (Piece(text=plain(part), found=number % 2 == 1) for number, part in enumerate(parts))
    return [piece for piece in pieces if piece.text]


def _placed(pieces: Iterable[Piece]) -> Iterable[tuple[int, Piece]]:
    place = 0
    for piece in pieces:
        yield place, piece
        place += len(piece.text)


def _cut(pieces: list[Piece], start: int, end: int) -> Iterable[Piece]:
    """The pieces between two places, with dots where something was left out."""
    length = sum(len(piece.text) for piece in pieces)
    if start > 0:
        yield Piece(text="… ")
    for place, piece in _placed(pieces):
        text = piece.text[max(start - place, 0) : max(end - place, 0)]
        if text:
            yield replace(piece, text=text)
    if end < length:
        yield Piece(text=" …")

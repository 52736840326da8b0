"""How wide a text is, and where it breaks: the picture is drawn on the server, so it must know.

The widths are those of Inter, the face that the console's pages carry, measured in a browser (the wider of its regular
and its semi-bold cut) and rounded up.
"""

import re
from typing import Final

_ELLIPSIS: Final = "…"
_HUNDREDTHS: Final = {
    27: "ijl",
    30: " I’'",
    33: "!,.:;·",
    36: "`t|",
    39: "()/[\\]f",
    42: "r",
    45: "1",
    48: "-_{}",
    51: "^“”–",
    54: '"*',
    57: "?Lksxz",
    60: "7FJacevy",
    63: "25Ebdghnopqu",
    66: "03689#$BPRSTZ",
    69: "4&+<=>~≥≤×",
    72: "KXY",
    75: "ACDGHUV",
    78: "NOQ",
    84: "w",
    90: "m",
    93: "M",
    96: "→…",
    102: "%@W—",
}
_WIDTHS: Final = {letter: width / 100 for width, letters in _HUNDREDTHS.items() for letter in letters}
_UNKNOWN: Final = 1.25  # wider than any letter that another face may lend
# A name may be broken after these, a sentence at its blanks.
_PIECE: Final = re.compile(r"\s+|[^\s_./,=-]*[_./,=-]+|[^\s_./,=-]+")


def width(text: str, size: float) -> float:
    """The width of one line of `text` in pixels, `size` being the height of its letters in pixels."""
    return sum(_WIDTHS.get(letter, _UNKNOWN) for letter in text) * size


def wrap(text: str, room: float, size: float, most: int = 4) -> tuple[str, ...]:
    """`text` in at most `most` lines that are no wider than `room` pixels; an ellipsis ends what had to be cut."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(" ".join(text.split()), room, size):
        if width((line + piece).rstrip(), size) > room:
            lines.append(line.strip())
            line = ""
        line += piece if line else piece.lstrip()
    lines = [each for each in (*lines, line.strip()) if each]
    return tuple(lines) if len(lines) <= most else (*lines[: most - 1], _cut(lines[most - 1], room, size))


def _pieces(text: str, room: float, size: float) -> list[str]:
    """Where the text may break; what is wider than the room by itself is broken anywhere."""
    return [part for piece in _PIECE.findall(text) for part in _broken(piece, room, size)]


def _broken(piece: str, room: float, size: float) -> list[str]:
    parts = [""]
    for letter in piece:
        if parts[-1] and width(parts[-1] + letter, size) > room:
            parts.append("")
        parts[-1] += letter
    return parts


def _cut(line: str, room: float, size: float) -> str:
    while line and width(line + _ELLIPSIS, size) > room:
        line = line[:-1]
    return line.rstrip() + _ELLIPSIS

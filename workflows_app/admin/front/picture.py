"""A chart of stacked columns as server-rendered SVG, and the table behind it. Pure: counts in, geometry out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

WIDTH: Final = 360
HEIGHT: Final = 150
_FLOOR: Final = 128  # under the columns: their labels
_CEILING: Final = 18  # above them: their values
_GAP: Final = 4
_MOST_LABELS: Final = 8
_THINNEST: Final = 1.5


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a column: how much, how it is said, and the list that it counts. `look` is its colour."""

    name: str
    look: str
    size: Decimal | int
    said: str
    link: str


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: `label` under it, `heading` in the table and for whoever hovers, `total` above it."""

    label: str
    heading: str
    total: str
    parts: tuple[Part, ...]

    @property
    def size(self) -> Decimal:
        """All of its parts."""
        return sum((Decimal(part.size) for part in self.parts), Decimal(0))


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part where it is drawn, in units of the picture."""

    x: float
    y: float
    width: float
    height: float
    part: Part
    heading: str


@dataclass(frozen=True, kw_only=True)
class Label:
    """A text, centred at `x`."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A title, columns from left to right, and what to say when there is nothing to draw."""

    key: str
    title: str
    unit: str
    columns: tuple[Column, ...]
    nothing: str
    width: int = WIDTH
    height: int = HEIGHT
    floor: int = _FLOOR

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(column.size > 0 for column in self.columns)

    @property
    def headings(self) -> tuple[Part, ...]:
        """The parts as columns of the table, and as the legend when there is more than one."""
        return self.columns[0].parts if self.columns else ()

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What is drawn; parts of nothing are not."""
        return tuple(block for index, column in enumerate(self.columns) for block in self._stack(index, column))

    @property
    def labels(self) -> tuple[Label, ...]:
        """Under the columns, as many as can be read."""
        every = -(-len(self.columns) // _MOST_LABELS)
        shown = range((len(self.columns) - 1) % every, len(self.columns), every) if self.columns else ()
        return tuple(Label(x=self._middle(at), y=_FLOOR + 14, text=self.columns[at].label) for at in shown)

    @property
    def totals(self) -> tuple[Label, ...]:
        """Above the columns that have anything."""
        tops = ((at, column) for at, column in enumerate(self.columns) if column.size > 0)
        return tuple(Label(x=self._middle(at), y=self._top(column) - 4, text=column.total) for at, column in tops)

    def _stack(self, at: int, column: Column) -> Sequence[Block]:
        blocks: list[Block] = []
        floor = float(_FLOOR)
        for part in (part for part in column.parts if part.size > 0):
            height = max(self._height(Decimal(part.size)), _THINNEST)
            floor -= height
            x, width = at * self._pitch + _GAP / 2, self._pitch - _GAP
            block = Block(x=round(x, 2), y=round(floor, 2), width=round(width, 2), height=round(height, 2), part=part,
                          heading=column.heading)  # fmt: skip
            blocks.append(block)
        return blocks

    def _top(self, column: Column) -> float:
        return round(_FLOOR - sum(block.height for block in self._stack(0, column)), 2)

    def _middle(self, at: int) -> float:
        return round((at + 0.5) * self._pitch, 2)

    @property
    def _pitch(self) -> float:
        return WIDTH / len(self.columns)

    def _height(self, size: Decimal) -> float:
        tallest = max(column.size for column in self.columns)
        return float(size / tallest) * (_FLOOR - _CEILING)


def shortened(amount: Decimal | int) -> str:
    """A number that fits above a column: `950`, `12.4k`, `3.1M`."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if abs(Decimal(amount)) >= size:
            return f"{Decimal(amount) / size:.1f}{unit}"
    return f"{amount:.0f}"

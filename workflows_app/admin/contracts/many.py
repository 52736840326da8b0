"""Lists in the start form: a field for each value, or a row of fields for each object; with room for some more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final, TypeVar

from workflows_app.contracts.schema import InputSpec
from workflows_app.presentation import words

_ROOM: Final = 3
_MORE: Final = 8
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One field of a row: its name in the form, which input it is, and what was typed."""

    name: str
    column: str
    typed: str

    @property
    def label(self) -> str:
        """The column in words."""
        return words.sentence(self.column)


Row = tuple[Cell, ...]


def columns(spec: InputSpec) -> tuple[str, ...]:
    """The names of the values that each object of a list has."""
    return tuple(field.name for field in spec.fields)


def cells(spec: InputSpec, posted: object = None) -> tuple[Row, ...]:
    """The rows that were typed, as they were typed; without any, one empty row."""
    several = getattr(posted, "getlist", None)
    typed: list[list[str]] = [several(f"{spec.name}.{column}") if several else [] for column in columns(spec)]
    rows = [texts for texts in zip_longest(*typed, fillvalue="") if any(text.strip() for text in texts)]
    return tuple(_row(spec, texts) for texts in rows or [("",) * len(spec.fields)])


def _row(spec: InputSpec, texts: Iterable[str]) -> Row:
    return tuple(
        Cell(name=f"{spec.name}.{column}", column=column, typed=text)
        for column, text in zip(columns(spec), texts, strict=True)
    )


def picked_up(spec: InputSpec, posted: object) -> list[dict[str, Any]]:
    """The objects of a list from its rows; a cell that was left empty is no value."""
    rows = [{cell.column: cell.typed.strip() for cell in row if cell.typed.strip()} for row in cells(spec, posted)]
    return [row for row in rows if row]


def with_room(values: Sequence[T], empty: T, more: bool) -> tuple[T, ...]:
    """The values, and some empty ones behind them; `more` of them when somebody asked."""
    return (*values, *[empty] * (_MORE if more else _ROOM))

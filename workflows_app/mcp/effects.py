"""Effects in lines of text: the first says what it is, indented ones what is in it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from workflows_app.presentation.effects import EffectView, StagedView, UnknownView
from workflows_app.presentation.events import EventView
from workflows_app.presentation.letters import LetterView
from workflows_app.presentation.records import RecordView
from workflows_app.presentation.requests import RequestView
from workflows_app.presentation.rows import ChangedRows, Column, NewRows, RowChange
from workflows_app.presentation.values import EMPTY, Field, Grid, Shown

_MOST_ROWS: Final = 12


def said(view: EffectView) -> list[str]:
    """One effect, whatever its kind."""
    return [view.title, *(f"    {line}" for line in _KINDS[type(view)](view) if line)]


def _row(view: RowChange) -> Iterator[str]:
    yield ", ".join(_column(column) for column in view.columns)


def _column(column: Column) -> str:
    if column.before is EMPTY or column.before == column.after:
        return f"{column.label}: {plain(column.after)}"
    return f"{column.label}: {plain(column.before)} → {plain(column.after)}"


def _new_rows(view: NewRows) -> Iterator[str]:
    yield from _grid(view.grid)


def _changed_rows(view: ChangedRows) -> Iterator[str]:
    yield from _first(f"{row.name}: {', '.join(map(_column, row.columns))}" for row in view.rows)


def _letter(view: LetterView) -> Iterator[str]:
    yield f"Subject: {view.subject}"
    yield from (f"Attached: {item.name}" for item in view.enclosures)
    yield f"Text: {view.body}"


def _record(view: RecordView) -> Iterator[str]:
    yield listing(view.fields)
    for lines in view.lines:
        yield f"{lines.title}: {len(lines.grid.rows)} lines"
        yield from _grid(lines.grid)


def _event(view: EventView) -> Iterator[str]:
    yield listing(view.fields)


def _request(view: RequestView) -> Iterator[str]:
    yield f"Makes {view.produces}" if view.produces else view.call


def _staged(view: StagedView) -> Iterator[str]:
    yield f"A proposal of its own ({view.action_type}), decided separately. {view.summary}"
    for effect in view.effects:
        yield from said(effect)


def _unknown(view: UnknownView) -> Iterator[str]:
    yield listing(view.fields)


def plain(value: Shown) -> str:
    """A value as text: a row by its name and its id, what is nested by its parts."""
    if value.children:
        return listing(value.children)
    if value.grid is not None:
        return "; ".join(_grid(value.grid))
    return f"{value.text} ({value.reference})" if value.reference else value.text


def listing(found: Iterable[Field]) -> str:
    """Named values in a line, without those that are empty."""
    return ", ".join(f"{field.label}: {plain(field.value)}" for field in found if field.value is not EMPTY)


def _grid(grid: Grid) -> Iterator[str]:
    """A table, one row a line; what is the same in all rows first."""
    if grid.common:
        yield listing(grid.common)
    rows = (zip(grid.titles, row, strict=True) for row in grid.rows)
    yield from _first(
        ", ".join(f"{title}: {plain(value)}" for title, value in row if value is not EMPTY) for row in rows
    )
    if grid.total:
        yield f"In all {grid.total}"


def _first(lines: Iterable[str]) -> Iterator[str]:
    listed = list(lines)
    yield from listed[:_MOST_ROWS]
    if len(listed) > _MOST_ROWS:
        yield f"… and {len(listed) - _MOST_ROWS} more"


_KINDS: Final[Mapping[type, Callable[[Any], Iterator[str]]]] = {
    RowChange: _row,
    NewRows: _new_rows,
    ChangedRows: _changed_rows,
    LetterView: _letter,
    RecordView: _record,
    EventView: _event,
    RequestView: _request,
    StagedView: _staged,
    UnknownView: _unknown,
}

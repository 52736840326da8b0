"""What a run read, as tables of a bounded size."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from approvals.canonical import parse, to_json
from workflows_app.contracts.schema import Contract
from workflows_app.contracts.values import thaw
from workflows_app.presentation import words
from workflows_app.presentation.values import Field, Grid, Shown, fields, grid, is_table, show

MOST_ROWS: Final = 20


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One reading: a table of rows, one row as named values, or a value.

    `size`: how much it is, in words. `source`: where it comes from. `more`: how many rows are not shown.
    """

    name: str
    title: str
    size: str
    source: str
    more: int = 0
    grid: Grid | None = None
    fields: tuple[Field, ...] = ()
    value: Shown | None = None


def read_context(text: str, contract: Contract | None, *, whole: bool = False) -> tuple[Entry, ...]:
    """The readings of a run, in the order of their names. `whole`: with every row."""
    found = plain(text)
    sources = dict(_sources(contract)) if contract else {}
    most = None if whole else MOST_ROWS
    return tuple(_entry(name, value, sources.get(name, ""), most) for name, value in found.items())


def plain(text: str) -> Any:
    """Stored values without their type tags."""
    return to_json(thaw(parse(text)))


def _sources(contract: Contract) -> Iterator[tuple[str, str]]:
    for entry in contract.context:
        yield entry.name, f"computed by {entry.provider}" if entry.provider else ", ".join(entry.tables)


def _entry(name: str, value: Any, source: str, most: int | None) -> Entry:
    bare = Entry(name=name, title=words.sentence(name), size="nothing was found", source=source)
    if isinstance(value, list) and value:
        shown = value[:most]
        rows = replace(bare, size=_counted(len(value)), more=len(value) - len(shown))
        return replace(rows, grid=grid(shown)) if is_table(value) else replace(rows, value=show(shown))
    if isinstance(value, Mapping) and value:
        return replace(bare, size="one row", fields=fields(value))
    if value in (None, [], {}):
        return bare
    return replace(bare, size=str(show(value))[:60], value=show(value))


def _counted(number: int) -> str:
    return "one row" if number == 1 else f"{number:,} rows"

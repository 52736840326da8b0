"""Row effects: before → after for each column; several new rows of one table become one table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from workflows_app.presentation import words
from workflows_app.presentation.names import name_of
from workflows_app.presentation.values import EMPTY, Grid, Shown, grid, show

Data = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a changed row. `before` is only meaningful when the row was there."""

    label: str
    before: Shown
    after: Shown


@dataclass(frozen=True, kw_only=True)
class RowChange:
    """One row that is added or changed."""

    template: ClassVar = "admin/countersign/effects/row.html"
    icon: ClassVar = "table_rows"
    title: str
    reference: str
    table: str
    is_new: bool
    columns: tuple[Column, ...]


@dataclass(frozen=True, kw_only=True)
class NewRows:
    """Several new rows of one table."""

    template: ClassVar = "admin/countersign/effects/rows.html"
    icon: ClassVar = "table_rows"
    title: str
    table: str
    grid: Grid


@dataclass(frozen=True, kw_only=True)
class Changed:
    """One of several changed rows."""

    name: str
    reference: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, kw_only=True)
class ChangedRows:
    """Several rows of one table in which the same columns change."""

    template: ClassVar = "admin/countersign/effects/changed.html"
    icon: ClassVar = "table_rows"
    title: str
    table: str
    titles: tuple[str, ...]
    rows: tuple[Changed, ...]


def present_insert(effect: Data) -> RowChange:
    """A `row.insert`."""
    return _change("New", effect, values=effect["values"], was=None, known=effect["values"])


def present_update(effect: Data) -> RowChange:
    """A `row.update`."""
    return _change("Change", effect, values=effect["set"], was=effect["was"], known=effect["was"])


def present_upsert(effect: Data) -> RowChange:
    """A `row.upsert`: a change when the row was there, else a new row."""
    verb = "New" if effect["was"] is None else "Change"
    values = {**effect["match"], **effect["set"]} if effect["was"] is None else effect["set"]
    return _change(verb, effect, values=values, was=effect["was"], known=effect["match"])


def present_inserts(effects: Sequence[Data]) -> NewRows:
    """Two or more `row.insert` of the same table, which need not have the same columns."""
    table = effects[0]["table"]
    return NewRows(
        title=f"{len(effects)} new rows: {words.table(table)}",
        table=table,
        grid=grid([effect["values"] for effect in effects]),
    )


def present_updates(effects: Sequence[Data], names: Mapping[str, str]) -> ChangedRows:
    """Two or more `row.update` of the same table that set the same columns."""
    table = effects[0]["table"]
    return ChangedRows(
        title=f"{len(effects)} changes: {words.table(table)}",
        table=table,
        titles=tuple(words.column(name) for name in effects[0]["set"]),
        rows=tuple(_changed(effect, names) for effect in effects),
    )


def _changed(effect: Data, names: Mapping[str, str]) -> Changed:
    return Changed(
        name=names.get(str(effect.get("element", "")), "")
        or name_of(effect["id"])
        or words.naming(effect["was"])
        or str(effect["id"]),
        reference=effect["id"],
        columns=tuple(_column(name, value, effect["was"]) for name, value in effect["set"].items()),
    )


def _change(
    verb: str,
    effect: Data,
    *,
    values: Mapping[str, Any],
    was: Data | None,
    known: dict[str, Any],
) -> RowChange:
    name = name_of(effect["id"]) or words.naming(known)
    return RowChange(
        title=f"{verb} {words.table(effect['table'])}" + (f": {name}" if name else ""),
        reference=effect["id"],
        table=effect["table"],
        is_new=was is None,
        columns=tuple(_column(name, value, was) for name, value in values.items()),
    )


def _column(name: str, value: Any, was: Data | None) -> Column:
    before = EMPTY if was is None else show(was.get(name), column=name)
    return Column(label=words.column(name), before=before, after=show(value, column=name))

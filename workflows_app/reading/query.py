"""Runs compiled contract SQL and gives rows with Python's types, the same from both databases."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from workflows_app.contracts.catalog import Column, ColumnKind
from workflows_app.contracts.expressions import Value
from workflows_app.contracts.sql import BindError, CompiledQuery
from workflows_app.contracts.sql.forms import Vendor
from workflows_app.reading.errors import ReadingError
from workflows_app.reading.readonly import Cursor, read_together, vendor

Shape = Literal["one", "all", "value", "groups"]
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Question:
    """A compiled query, the values of its `?`, and the shape of its result (`schema.ContextEntry`)."""

    compiled: CompiledQuery
    values: Sequence[Value]
    shape: Shape = "all"
    group_by: Sequence[str] = ()

    def bound(self, vendor: Vendor, now: datetime) -> tuple[str, list[object]]:
        """The SQL and its parameters. Raises `ReadingError` when a value does not fit its place."""
        try:
            return self.compiled.bind(vendor, self.values, now)
        except BindError as error:
            raise ReadingError(str(error)) from error

    def answer(self, found: Iterable[Iterable[Any]]) -> Value:
        """What the database gave, with Python's types and in the shape that was asked for."""
        converters = [(name, _converter(column)) for name, column in self.compiled.columns.items()]
        return _SHAPES[self.shape]([_row(converters, raw) for raw in found], self.compiled, self.group_by)


def fetch(
    compiled: CompiledQuery,
    values: Sequence[Value],
    now: datetime,
    *,
    shape: Shape = "all",
    group_by: Sequence[str] = (),
    cursor: Cursor | None = None,
) -> Value:
    """The result of one query; `cursor` is that of a guard that is already open.

    Rows are dicts: decimals with their column's scale, moments aware in UTC, dates, booleans, integers, text, None.
    Raises `ReadingError`.
    """
    question = Question(compiled=compiled, values=values, shape=shape, group_by=group_by)
    if cursor is None:
        return fetch_together([question], now)[0]
    return question.answer(cursor.rows(*question.bound(cursor.vendor, now)))


def fetch_together(questions: Sequence[Question], now: datetime) -> list[Value]:
    """The results of queries that do not depend on one another, read behind one guard. Raises `ReadingError`."""
    tables = sorted({table for question in questions for table in question.compiled.tables})
    found = read_together(tables, [question.bound(vendor(), now) for question in questions])
    return [question.answer(rows) for question, rows in zip(questions, found, strict=True)]


def _row(converters: Iterable[tuple[str, Callable[[Any], Any]]], raw: Iterable[Any]) -> Row:
    return {
        name: None if value is None else convert(value) for (name, convert), value in zip(converters, raw, strict=True)
    }


def _converter(column: Column | None) -> Callable[[Any], Any]:
    if column is None:
        return _untyped
    if column.kind == "decimal":
        quantum = Decimal(1).scaleb(-column.scale)
        return lambda value: _exact(value).quantize(quantum, ROUND_HALF_UP)
    return _CONVERTERS[column.kind]


def _exact(value: Any) -> Decimal:
    """SQLite's floats by their shortest spelling, which is the decimal that was stored."""
    return value if isinstance(value, Decimal) else Decimal(repr(value) if isinstance(value, float) else value)


def _untyped(value: Any) -> Any:
    return round(_exact(value), 6).normalize() if isinstance(value, float) else value


def _date(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _datetime(value: Any) -> datetime:
    moment: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


_CONVERTERS: Mapping[ColumnKind, Callable[[Any], Any]] = {
    "text": str,
    "integer": int,
    "boolean": bool,
    "date": _date,
    "datetime": _datetime,
}


def _one(rows: list[Row], compiled: CompiledQuery, group_by: Sequence[str]) -> Row | None:
    return rows[0] if rows else None


def _all(rows: list[Row], compiled: CompiledQuery, group_by: Sequence[str]) -> list[Row]:
    return rows


def _value(rows: list[Row], compiled: CompiledQuery, group_by: Sequence[str]) -> Value:
    return next(iter(rows[0].values())) if rows else None


def _groups(rows: list[Row], compiled: CompiledQuery, group_by: Sequence[str]) -> list[Row]:
    """A row per distinct value of `group_by`, in order of first appearance, with the other columns in `rows`."""
    groups: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row[name] for name in group_by)
        group = groups.setdefault(key, {**dict(zip(group_by, key, strict=True)), "rows": []})
        group["rows"].append({name: value for name, value in row.items() if name not in group_by})
    return list(groups.values())


_SHAPES: Mapping[Shape, Callable[[list[Row], CompiledQuery, Sequence[str]], Value]] = {
    "one": _one,
    "all": _all,
    "value": _value,
    "groups": _groups,
}

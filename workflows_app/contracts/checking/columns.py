"""Operations on rows: the table may be written, its columns exist, and what is written fits them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workflows_app.contracts.catalog import Column, ColumnKind, Table
from workflows_app.contracts.checking.report import Place, Report
from workflows_app.contracts.checking.start import is_date, is_decimal, is_moment, is_whole
from workflows_app.contracts.expressions import Type
from workflows_app.contracts.problems import suggestion
from workflows_app.contracts.schema import (
    InsertOperation,
    Operation,
    PromoteOperation,
    UpdateOperation,
    UpsertOperation,
)

_LITERALS: Mapping[ColumnKind, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "integer": is_whole,
    "decimal": is_decimal,
    "boolean": lambda value: isinstance(value, bool),
    "date": is_date,
    "datetime": is_moment,
}
# Lists and rows are stored as canonical text, decimals and moments have one.
_FAMILIES: Mapping[ColumnKind, frozenset[str]] = {
    "text": frozenset({"text", "moment", "list", "row"}),
    "integer": frozenset({"number"}),
    "decimal": frozenset({"number"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"moment"}),
    "datetime": frozenset({"moment"}),
}
_PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "now": frozenset({"date", "datetime"}),
    "artifact_sha256": frozenset({"text"}),
    "ns_id": frozenset({"text"}),
}


def check_columns(report: Report, operation: Operation, place: Place) -> None:
    """Check what a row operation names and writes; other operations are not its concern."""
    match operation:
        case InsertOperation():
            _insert(report, operation, place)
        case UpdateOperation():
            _update(report, operation, place)
        case UpsertOperation():
            _upsert(report, operation, place)
        case PromoteOperation():
            _promote(report, operation, place)


def _insert(report: Report, operation: InsertOperation, place: Place) -> None:
    table = _table(report, operation.insert, place.under("insert"))
    if table is None:
        return
    _written(report, table, operation.values, place.under("values"))
    _complete(report, table, operation.values, place.under("values"))
    _born(report, table, operation.values, place.under("values"))


def _update(report: Report, operation: UpdateOperation, place: Place) -> None:
    table = _table(report, operation.update, place.under("update"))
    if table is None:
        return
    _written(report, table, operation.where, place.under("where"), lists=True)
    _written(report, table, operation.set, place.under("set"))
    if table.key in operation.set:
        report.add(place.under("set", table.key).path, "an update cannot change the key of a row", at_key=True)


def _upsert(report: Report, operation: UpsertOperation, place: Place) -> None:
    table = _table(report, operation.upsert, place.under("upsert"))
    if table is None:
        return
    _written(report, table, operation.match, place.under("match"))
    _written(report, table, operation.set, place.under("set"))
    _unique(report, table, operation.match, place.under("match"))
    _complete(report, table, {**operation.match, **operation.set}, place.under("set"))
    _born(report, table, operation.match, place.under("match"))


def _promote(report: Report, operation: PromoteOperation, place: Place) -> None:
    source = _table(report, operation.promote, place.under("promote"))
    target = _table(report, operation.into, place.under("into"))
    if source is None or target is None:
        return
    _written(report, source, operation.where, place.under("where"), lists=True)
    _written(report, target, operation.set, place.under("set"))
    given = {name for name in source.columns if name in target.columns and name != target.key} | operation.set.keys()
    for index, name in enumerate(operation.match):
        if name not in given:
            report.add(place.under("match", index).path, f"is not a column of both {source.name} and {target.name}")
    _unique(report, target, operation.match, place.under("match"))
    _complete(report, target, given, place.under("into"))
    _born(report, target, operation.match, place.under("match"))
    if "status" not in source.columns:
        report.add(place.under("promote").path, f"{source.name} has no status that could become promoted")


def _table(report: Report, name: str, place: Place) -> Table | None:
    table = report.catalog.tables.get(name)
    writable = [each.name for each in report.catalog.tables.values() if each.writable]
    if table is None:
        report.add(place.path, f"there is no table {name}{suggestion(name, writable)}")
    elif not table.writable:
        report.add(place.path, f"contracts only read {name}; effects cannot write it")
        return None
    return table


def _complete(report: Report, table: Table, given: Iterable[str], place: Place) -> None:
    """A new row has every column that must be given; its key may be derived."""
    required = {name for name, column in table.columns.items() if column.required and name != table.key}
    missing = sorted(required - set(given))
    if missing:
        report.add(place.path, f"a new row of {table.name} needs {', '.join(missing)}")


def _born(report: Report, table: Table, given: Iterable[str], place: Place) -> None:
    if not table.id_kind and table.key not in given:
        report.add(place.path, f"a new row of {table.name} needs its {table.key}: no rows are born here")


def _unique(report: Report, table: Table, match: Iterable[str], place: Place) -> None:
    names = set(match)
    if names <= table.columns.keys() and not any(set(unique) == names for unique in table.unique):
        choice = "; ".join(", ".join(unique) for unique in table.unique)
        report.add(place.path, f"does not identify a row of {table.name}; what does: {choice}")


def _written(report: Report, table: Table, values: Mapping[str, Any], place: Place, *, lists: bool = False) -> None:
    """Known columns, and values of their type; with `lists` a list of them means any of its elements."""
    for name, value in values.items():
        column = table.columns.get(name)
        at = place.under(name)
        if column is None:
            message = f"{table.name} has no column {name}{suggestion(name, table.columns)}"
            report.add(at.path, message, at_key=True)
        elif lists and isinstance(value, tuple):
            for index, item in enumerate(value):
                _fits(report, column, item, at.under(index), lists=False)
        else:
            _fits(report, column, value, at, lists=lists)


def _fits(report: Report, column: Column, value: Any, place: Place, *, lists: bool) -> None:
    if value is None:
        if not column.nullable:
            report.add(place.path, "cannot be NULL")
    elif isinstance(value, str) and "${{" in value:
        _rendered(report, column, report.template(value, place), place, lists=lists)
    elif isinstance(value, dict | tuple):
        _nested(report, column, value, place)
    elif not _LITERALS[column.kind](value):
        report.add(place.path, f"{value!r} should be {_ARTICLES[column.kind]}")


def _nested(report: Report, column: Column, value: dict[str, Any] | tuple[Any, ...], place: Place) -> None:
    """A placeholder of the column's kind; lists and mappings are stored as text."""
    if isinstance(value, dict) and "placeholder" in value:
        name = str(value["placeholder"])
        if column.kind not in _PLACEHOLDERS.get(name, {column.kind}):
            report.add(place.path, f"the placeholder {name} is no {column.kind}")
    elif column.kind != "text":
        report.add(place.path, f"should be {_ARTICLES[column.kind]}")


_ARTICLES: Mapping[ColumnKind, str] = {
    "text": "text; write it in quotes",
    "integer": "a whole number",
    "decimal": "a number, with a fraction in quotes",
    "boolean": "true or false",
    "date": "a date such as 2026-09-01",
    "datetime": "a moment such as 2026-09-01T06:00:00Z, or {placeholder: now}",
}


def _rendered(report: Report, column: Column, found: Type, place: Place, *, lists: bool) -> None:
    """The value of `${{ }}` has the column's type; in a condition it may be a list of such."""
    kind = found.elements if lists and found.kind == "list" else found
    allowed = _FAMILIES[column.kind] | ({"number"} if column.kind == "text" and kind.kind == "decimal" else set())
    if kind.family and kind.family not in allowed:
        report.add(place.path, f"is {kind.kind}, and the column holds {column.kind}")

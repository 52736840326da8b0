"""Column values of writable tables: checked and made canonical when planning, typed again for later expressions."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeGuard

from approvals.canonical import canonical, to_json
from workflows_app.contracts.catalog import ColumnKind, Table
from workflows_app.effects.data import Effect, RowInsert, RowUpdate, RowUpsert, is_placeholder
from workflows_app.models.catalog import model_for, tables
from workflows_app.steps.errors import PlanningError


def writable_table(name: str) -> Table:
    """The table `name`. Raises `PlanningError` when effects may not change it."""
    table = tables().get(name)
    if table is None or not table.writable:
        raise PlanningError(f"{name} is not a table that a contract may change")
    return table


def canonical_row(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Rendered values as canonical column values. Raises `PlanningError` with a sentence for what a column refuses."""
    return {name: canonical_value(table, name, value) for name, value in values.items()}


def canonical_value(table: Table, name: str, value: Any) -> Any:
    """One column's value as canonical text, number, boolean or NULL; a placeholder passes."""
    place = f"{table.name}.{name}"
    column = table.columns.get(name)
    if column is None:
        raise PlanningError(f"{table.name} has no column {name}")
    if is_placeholder(value):
        return value
    if value is None:
        if not column.nullable:
            raise PlanningError(f"{place} needs a value, and there is none")
        return None
    try:
        return _READ[column.kind](value, table.name, name)
    except (ValueError, TypeError, InvalidOperation) as error:
        raise PlanningError(f"{place} cannot hold {value!r}: {error or 'it is not a ' + column.kind}") from error


def require_columns(table: Table, values: Mapping[str, Any]) -> None:
    """Raise `PlanningError` when a new row lacks a column that has no default."""
    absent = [name for name, column in table.columns.items() if column.required and name not in values]
    absent = [name for name in absent if name != table.key]
    if absent:
        raise PlanningError(f"a new row of {table.name} needs {', '.join(absent)}")


def with_defaults(table: Table, key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it will be once it is inserted: columns that are not given hold their default."""
    return {**_defaults(table.name), table.key: key, **values}


def is_row_effect(effect: Effect) -> TypeGuard[RowInsert | RowUpdate | RowUpsert]:
    """Whether an effect writes a row."""
    return effect["kind"] in ("row.insert", "row.update", "row.upsert")


def typed_row(effect: RowInsert | RowUpdate | RowUpsert) -> dict[str, Any]:
    """The row that an effect leaves behind, as far as it is known, with `id`; its values typed for expressions."""
    table = tables()[effect["table"]]
    return {"id": effect["id"], **typed_values(table, {table.key: effect["id"], **_known(effect)})}


def typed_values(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical column values as expression values; placeholders are not known yet and left out."""
    return {
        name: value if value is None else _TYPED[table.columns[name].kind](value)
        for name, value in values.items()
        if not is_placeholder(value)
    }


def _known(effect: RowInsert | RowUpdate | RowUpsert) -> dict[str, Any]:
    if effect["kind"] == "row.insert":
        return effect["values"]
    if effect["kind"] == "row.update":
        return {**effect["was"], **effect["set"]}
    return {**(effect["was"] or {}), **effect["match"], **effect["set"]}


# --- reading: from rendered values to canonical ones; ValueError says why not ----------------------------------------


def _text(value: Any, table: str, name: str) -> str:
    """Text as it is; lists and mappings become canonical text, as evidence and bundles are stored."""
    if not isinstance(value, str):
        if not isinstance(value, (Mapping, list)):
            raise ValueError("it is not text")
        return canonical(value)
    longest = getattr(model_field(table, name), "max_length", None)
    if longest is not None and len(value) > longest:
        raise ValueError(f"it has {len(value)} characters, and at most {longest} fit")
    return value


def _integer(value: Any, table: str, name: str) -> int:
    if isinstance(value, bool):
        raise ValueError("it is not a whole number")
    number = Decimal(value)
    if number != number.to_integral_value():
        raise ValueError("it is not a whole number")
    return int(number)


def _decimal(value: Any, table: str, name: str) -> str:
    """A decimal with the column's scale, rounded half up."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("it is not a number")
    field = model_field(table, name)
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("it is not a number")
    if number.adjusted() >= field.max_digits - field.decimal_places:
        raise ValueError("it is too large")
    return str(to_json(number.quantize(Decimal(1).scaleb(-field.decimal_places), ROUND_HALF_UP)))


def _boolean(value: Any, table: str, name: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError("it is neither true nor false")
    return value


def _date(value: Any, table: str, name: str) -> str:
    """A date; of a moment its date in UTC."""
    if not isinstance(value, str):
        raise ValueError("it is not a date")
    if len(value) <= len("2026-09-01"):
        return date.fromisoformat(value).isoformat()
    return _datetime(value, table, name)[:10]


def _datetime(value: Any, table: str, name: str) -> str:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("it has no time zone")
    return str(to_json(moment.astimezone(UTC)))


_READ: Mapping[ColumnKind, Callable[[Any, str, str], Any]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}
_TYPED: Mapping[ColumnKind, Callable[[Any], Any]] = {
    "text": str,
    "integer": int,
    "decimal": Decimal,
    "boolean": bool,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}


@cache
def model_field(table: str, column: str) -> Any:
    """The model field behind a column."""
    return next(field for field in model_for(table)._meta.concrete_fields if field.column == column)


@cache
def _defaults(table: str) -> Mapping[str, Any]:
    """What a new row holds in the columns that an insert leaves out."""
    described = tables()[table]
    fields = {field.column: field for field in model_for(table)._meta.concrete_fields if not field.primary_key}
    values = {name: to_json(field.get_default()) for name, field in fields.items()}
    return {
        name: None if value is None else canonical_value(described, name, value)
        for name, value in values.items()
        if name in described.columns
    }

"""Row effects: the only writer of mirror and derived tables beside the named writers of DESIGN.md section 2."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models

from workflows_app.effects.context import ApplyContext
from workflows_app.effects.data import RowInsert, RowUpdate, RowUpsert
from workflows_app.effects.errors import permanent
from workflows_app.models.catalog import model_for


@dataclass(frozen=True, kw_only=True)
class _TableWriter:
    """How canonical values become column values of one model."""

    model: type[models.Model]
    key: str
    attributes: Mapping[str, str]
    convert: Mapping[str, Callable[[Any], Any]]

    def values(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Column names and canonical values as attribute names and Python values."""
        try:
            return {self.attributes[name]: self._value(name, value) for name, value in row.items()}
        except (ValidationError, KeyError) as error:
            raise permanent(f"{self.model._meta.db_table} cannot hold this row: {error}") from error

    def _value(self, name: str, value: Any) -> Any:
        return None if value is None else self.convert[name](value)

    def condition(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The same as a filter, where None means NULL."""
        return {
            (f"{name}__isnull" if value is None else name): (True if value is None else value)
            for name, value in self.values(row).items()
        }


@cache
def _writer(table: str) -> _TableWriter:
    model = model_for(table)
    columns = {field.column: field for field in model._meta.concrete_fields}
    return _TableWriter(
        model=model,
        key=model._meta.pk.column,
        attributes={name: field.attname for name, field in columns.items()},
        convert={name: field.to_python for name, field in columns.items()},
    )


def insert(effects: Sequence[RowInsert], context: ApplyContext) -> None:
    """Insert rows of one table with one statement. A row that is already there is a permanent error."""
    writer = _writer(effects[0]["table"])
    rows = [
        writer.model(**writer.values({writer.key: effect["id"], **context.fill(effect["values"])}))
        for effect in effects
    ]
    _write(lambda: writer.model._default_manager.bulk_create(rows), effects[0]["table"])


def update(effect: RowUpdate, context: ApplyContext) -> None:
    """Change one row if it still holds what the plan read; else nothing is overwritten and the step fails."""
    writer = _writer(effect["table"])
    rows = writer.model._default_manager.filter(pk=effect["id"])
    changes = writer.values(context.fill(effect["set"]))
    count = _write(lambda: rows.filter(**writer.condition(effect["was"])).update(**changes), effect["table"])
    if count != 1:
        raise permanent(_difference(writer, effect))


def upsert(effect: RowUpsert, context: ApplyContext) -> None:
    """Insert the row, or change it as an update does, as the plan decided from what it read."""
    if effect["was"] is None:
        key = {} if _writer(effect["table"]).key in effect["match"] else {_writer(effect["table"]).key: effect["id"]}
        values = {**key, **effect["match"], **effect["set"]}
        insert([{"kind": "row.insert", "table": effect["table"], "id": effect["id"], "values": values}], context)
        return
    update(
        {
            "kind": "row.update",
            "table": effect["table"],
            "id": effect["id"],
            "set": effect["set"],
            "was": effect["was"],
        },
        context,
    )


def _write(statement: Callable[[], Any], table: str) -> Any:
    try:
        return statement()
    except IntegrityError as error:
        raise permanent(f"{table}: the database refused the row, it may be there already ({error})") from error


def _difference(writer: _TableWriter, effect: RowUpdate) -> str:
    """Say which replaced value is no longer there."""
    current = writer.model._default_manager.filter(pk=effect["id"]).values(*writer.values(effect["was"])).first()
    if current is None:
        return f"{effect['table']} {effect['id']} is gone"
    expected = writer.values(effect["was"])
    changed = [
        f"{name} is {current[name]!s} and was {value!s}" for name, value in expected.items() if current[name] != value
    ]
    return f"{effect['table']} {effect['id']} was changed meanwhile: " + "; ".join(changed)

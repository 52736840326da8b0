"""Insert, update, upsert and promote as row effects, one per row, each with the values that it replaces."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows_app.contracts.catalog import Table
from workflows_app.contracts.schema import (
    InsertOperation,
    Operation,
    PromoteOperation,
    UpdateOperation,
    UpsertOperation,
)
from workflows_app.effects.data import NOW, Effect, RowInsert, RowUpdate, RowUpsert
from workflows_app.steps.base import PlanEnv
from workflows_app.steps.columns import canonical_row, require_columns, writable_table
from workflows_app.steps.current import Row, Where, condition, matching
from workflows_app.steps.errors import PlanningError


@dataclass(frozen=True, kw_only=True)
class Place:
    """One operation, or one element of an operation's loop (`element`, its key)."""

    operation: str
    element: str
    env: PlanEnv


def plan_insert(operation: InsertOperation, places: Sequence[Place]) -> list[Effect]:
    """One new row per place. Its own `steps.<step>.<operation>.id` is known to its values."""
    table = writable_table(operation.insert)
    return [_insert(table, operation.values, place) for place in places]


def plan_update(operation: UpdateOperation, places: Sequence[Place]) -> list[Effect]:
    """One effect per row that matches now and would change."""
    table = writable_table(operation.update)
    wheres = [condition(table, operation.where, place.env) for place in places]
    found = matching(table, wheres, _planned(places))
    return [
        effect
        for place, rows in zip(places, found, strict=True)
        for row in rows
        for effect in _update(table, row, canonical_row(table, place.env.value(operation.set)))
    ]


def plan_upsert(operation: UpsertOperation, places: Sequence[Place]) -> list[Effect]:
    """One effect per place: the row with the unique `match` columns as it is now, or a new one."""
    table = writable_table(operation.upsert)
    matches = [canonical_row(table, place.env.value(operation.match)) for place in places]
    sets = [canonical_row(table, place.env.value(operation.set)) for place in places]
    return list(_upserts(table, places, matches, sets))


def plan_promote(operation: PromoteOperation, places: Sequence[Place]) -> list[Effect]:
    """For each matching row: its values into the other table (upsert by `match`), then its status `promoted`."""
    source, target = writable_table(operation.promote), writable_table(operation.into)
    wheres = [condition(source, operation.where, place.env) for place in places]
    found = matching(source, wheres, _planned(places))
    pairs = [(place, row) for place, rows in zip(places, found, strict=True) for row in rows]
    values = [{**_shared(row, target), **canonical_row(target, p.env.value(operation.set))} for p, row in pairs]
    matches = [{name: row[name] for name in operation.match} for row in values]
    sets = [{name: value for name, value in row.items() if name not in operation.match} for row in values]
    promoted = [effect for _, row in pairs for effect in _update(source, row, {"status": "promoted"})]
    named = [Place(operation=p.operation, element=str(row[source.key]), env=p.env) for p, row in pairs]
    return [*_upserts(target, named, matches, sets), *promoted]


def operation_name(operation: Operation) -> str:
    """What `steps.<step>.<name>` calls an operation: its `id`, or the table that it writes, or its verb."""
    if operation.id is not None:
        return operation.id
    verb = next(iter(type(operation).model_fields.keys() - Operation.model_fields.keys() & _VERBS))
    written = getattr(operation, verb)
    return written if isinstance(written, str) else verb


_VERBS = frozenset({"insert", "update", "upsert", "promote", "email", "push", "event", "stage", "again"})


def _planned(places: Sequence[Place]) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    return places[0].env.planned if places else {}


def _insert(table: Table, template: Mapping[str, Any], place: Place) -> RowInsert:
    row_id = _given_key(table, template, place) or _new_id(table, place)
    env = place.env.name(place.operation, {"id": row_id, table.key: row_id})
    values = canonical_row(table, env.value({name: value for name, value in template.items() if name != table.key}))
    require_columns(table, values)
    return {"kind": "row.insert", "table": table.name, "id": row_id, "values": values}


def _given_key(table: Table, template: Mapping[str, Any], place: Place) -> str:
    """The key that the contract gives. NULL asks for a derived one; where the table derives none it is an error."""
    if table.key not in template:
        return ""
    value = place.env.value(template[table.key])
    if value is None and table.id_kind:
        return ""
    if not isinstance(value, str) or not value:
        raise PlanningError(f"a new row of {table.name} needs a {table.key}, and {value!r} is none")
    return value


def _new_id(table: Table, place: Place) -> str:
    if not table.id_kind:
        raise PlanningError(f"a new row of {table.name} needs its {table.key} given")
    return place.env.derive_id(table.id_kind, place.operation, place.element)


def _update(table: Table, row: Row, changes: Mapping[str, Any]) -> Iterator[RowUpdate]:
    """The update of one row, unless it holds these values already."""
    was = _replaced(row, changes)
    if any(row.get(name) != value for name, value in changes.items()):
        yield {"kind": "row.update", "table": table.name, "id": str(row[table.key]), "set": dict(changes), "was": was}


def _replaced(row: Row, changes: Mapping[str, Any]) -> Row:
    """What the changes replace. A moment that becomes `now` is only touched: it is no condition."""
    return {name: row[name] for name, value in changes.items() if value != NOW}


def _upserts(table: Table, places: Sequence[Place], matches: Sequence[Row], sets: Sequence[Row]) -> Iterator[RowUpsert]:
    wheres: list[Where | None] = [None if None in match.values() else match for match in matches]
    found = matching(table, wheres, _planned(places))
    for place, match, changes, rows in zip(places, matches, sets, found, strict=True):
        if len(rows) > 1:
            raise PlanningError(f"{table.name}: {', '.join(match)} match {len(rows)} rows, not one")
        if not rows:
            require_columns(table, {**match, **changes})
        yield {
            "kind": "row.upsert",
            "table": table.name,
            "id": str(rows[0][table.key]) if rows else _upsert_id(table, match, place),
            "match": match,
            "set": changes,
            "was": _replaced(rows[0], changes) if rows else None,
        }


def _upsert_id(table: Table, match: Row, place: Place) -> str:
    given = match.get(table.key)
    return str(given) if given else _new_id(table, place)


def _shared(row: Row, target: Table) -> Row:
    """The columns of a promoted row that its target has as well, without the key."""
    return {name: value for name, value in row.items() if name in target.columns and name != target.key}


__all__ = ["Place", "operation_name", "plan_insert", "plan_promote", "plan_update", "plan_upsert"]

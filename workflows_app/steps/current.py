"""The rows that an update will find: those of the database, with what the same plan does to them before."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflows_app.contracts.catalog import Table
from workflows_app.effects.data import Effect, RowInsert, RowUpdate, RowUpsert, is_placeholder
from workflows_app.models.catalog import tables
from workflows_app.reading.rows import matching as read_rows
from workflows_app.steps.base import PlanEnv
from workflows_app.steps.columns import canonical_value, is_row_effect, with_defaults
from workflows_app.steps.errors import PlanningError

Row = dict[str, Any]
Where = Mapping[str, Any]
Planned = Mapping[tuple[str, str], Mapping[str, Any]]


def condition(table: Table, template: Mapping[str, Any], env: PlanEnv) -> Where | None:
    """A rendered `where`: canonical values, lists without NULLs; None when it can match nothing.

    A literal NULL in the contract asks for IS NULL; an expression that turns out NULL matches no row, as in SQL.
    """
    where: dict[str, Any] = {}
    for name, part in template.items():
        value = env.value(part)
        if is_placeholder(value):
            raise PlanningError(f"{table.name}.{name}: a row cannot be looked up by a value that is not known yet")
        if isinstance(value, list):
            where[name] = [canonical_value(table, name, item) for item in value if item is not None]
        elif value is None and part is not None:
            return None
        else:
            where[name] = None if value is None else canonical_value(table, name, value)
    return None if [] in where.values() else where


def matching(table: Table, wheres: Sequence[Where | None], planned: Planned) -> list[list[Row]]:
    """For each condition the rows that it matches, by primary key; conditions on the same columns share one query."""
    asked = [where for where in wheres if where is not None]
    found = _with_planned(table, _read(table, asked), planned) if asked else []
    return [[row for row in found if where is not None and _matches(row, where)] for where in wheres]


def laid_over(planned: Planned, effects: Iterable[Effect]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """`PlanEnv.planned` after these effects: a row that they insert has all its columns, any other what they set."""
    rows = dict(planned)
    for effect in effects:
        if is_row_effect(effect):
            place = (effect["table"], effect["id"])
            rows[place] = {**rows.get(place, {}), **_left(effect)}
    return rows


def _left(effect: RowInsert | RowUpdate | RowUpsert) -> Mapping[str, Any]:
    """What a row effect leaves in its row, as far as it says; of a row that is born all of it."""
    if effect["kind"] == "row.update":
        return effect["set"]
    values = effect["values"] if effect["kind"] == "row.insert" else {**effect["match"], **effect["set"]}
    born = effect["kind"] == "row.insert" or effect["was"] is None
    return with_defaults(tables()[effect["table"]], effect["id"], values) if born else values


def _read(table: Table, wheres: Sequence[Where]) -> list[Row]:
    """Rows that may match: one query when all conditions name the same columns without NULL, else one each."""
    names = set(wheres[0])
    together = all(set(where) == names and None not in where.values() for where in wheres)
    if not together or len(wheres) == 1:
        found = [row for where in wheres for row in read_rows(table.name, where)]
        return list({row[table.key]: row for row in found}.values())
    wide = {name: sorted({item for where in wheres for item in _items(where[name])}, key=str) for name in names}
    return read_rows(table.name, wide)


def _with_planned(table: Table, found: list[Row], planned: Planned) -> list[Row]:
    """The rows found, and those of which the plan knows, as the plan leaves them."""
    mine = {key: values for (name, key), values in planned.items() if name == table.name}
    if not mine:
        return found
    current = {str(row[table.key]): row for row in found}
    current |= _unread(table, [key for key in mine if key not in current and not _is_whole(table, mine[key])])
    for key, values in mine.items():
        current[key] = {**current.get(key, {}), **values}
    return [current[key] for key in sorted(current)]


def _is_whole(table: Table, values: Mapping[str, Any]) -> bool:
    return table.columns.keys() <= values.keys()


def _unread(table: Table, keys: list[str]) -> dict[str, Row]:
    """Rows that the plan changes and that no condition found: one may hold once the change is made. One query."""
    return {str(row[table.key]): row for row in read_rows(table.name, {table.key: keys})} if keys else {}


def _matches(row: Row, where: Where) -> bool:
    return all(row.get(name) in _items(value) for name, value in where.items())


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

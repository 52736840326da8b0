"""Contract SQL, checked once and ready to be bound for either database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

from sqlglot import exp

from workflows_app.contracts.catalog import Column, Table
from workflows_app.contracts.expressions import Value
from workflows_app.contracts.sql import aggregates, casts, functions, predicates, subqueries, values
from workflows_app.contracts.sql.errors import BindError, Problem, QueryError
from workflows_app.contracts.sql.forms import PlaceKind, Vendor
from workflows_app.contracts.sql.fragments import Fragment, render
from workflows_app.contracts.sql.parse import parse
from workflows_app.contracts.sql.query import Query
from workflows_app.contracts.sql.reader import Handler, Reader
from workflows_app.contracts.sql.scope import Scope
from workflows_app.contracts.sql.select import read_query
from workflows_app.contracts.sql.slots import ParameterSlot, Slot, Usage

_VENDORS: tuple[Vendor, ...] = ("sqlite", "postgresql")
_HANDLERS: Mapping[type[exp.Expr], Handler] = {
    **values.HANDLERS,
    **predicates.HANDLERS,
    **functions.HANDLERS,
    **casts.HANDLERS,
    **aggregates.HANDLERS,
    **subqueries.HANDLERS,
}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One `?`: how it is used, and the kind of value that fits (`any` when nothing tells)."""

    usage: Usage
    kind: PlaceKind


@dataclass(frozen=True, kw_only=True)
class CompiledQuery:
    """One plain SELECT. `columns` are its result columns in order, with their types (None: always NULL).

    `ordered`: the text itself has an ORDER BY; rows come completely ordered either way. `aggregate_only`: aggregates
    without GROUP BY, which always give exactly one row.
    """

    text: str
    tables: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    columns: Mapping[str, Column | None]
    ordered: bool
    aggregate_only: bool
    rendered: Mapping[str, tuple[str, tuple[Slot, ...]]]

    def bind(self, vendor: Vendor, values: Sequence[Value], now: datetime) -> tuple[str, list[object]]:
        """The SQL and its parameters for a Django cursor. Raises `BindError` when a value does not fit its place."""
        if len(values) != len(self.parameters):
            raise BindError(f"the query has {len(self.parameters)} ?, but {len(values)} values were given")
        sql, slots = self.rendered[vendor]
        return sql, [slot.bind(vendor, values, now) for slot in slots]


class _Catalog:
    """A catalog as part of a cache key: by identity, because a mapping has no hash."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.tables = tables

    def __hash__(self) -> int:
        return id(self.tables)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Catalog) and other.tables is self.tables


def compile_query(sql: str, *, tables: Sequence[str], catalog: Mapping[str, Table]) -> CompiledQuery:
    """Check `sql` against its declared tables and the catalog. Raises `QueryError` with everything that is wrong."""
    return _compile(sql, tuple(tables), _Catalog(catalog))


@lru_cache(maxsize=1024)
def _compile(sql: str, tables: tuple[str, ...], catalog: _Catalog) -> CompiledQuery:
    reader, query = _read(sql, tables, catalog.tables)
    if reader.problems:
        raise QueryError(reader.problems)
    return CompiledQuery(
        text=sql,
        tables=tables,
        parameters=_parameters(query.body, len(reader.starts)),
        columns=MappingProxyType(dict(query.columns)),
        ordered=query.ordered,
        aggregate_only=query.aggregate_only,
        rendered=MappingProxyType({vendor: render(query.body.pieces(vendor), vendor) for vendor in _VENDORS}),
    )


def _read(sql: str, tables: tuple[str, ...], catalog: Mapping[str, Table]) -> tuple[Reader, Query]:
    node = parse(sql)
    reader = Reader(
        sql=sql,
        catalog=catalog,
        declared=frozenset(tables),
        handlers=_HANDLERS,
        read_query=read_query,
        starts=tuple(sorted(found.meta["start"] for found in node.find_all(exp.Placeholder) if not found.this)),
    )
    try:
        query = read_query(reader, node, Scope(), outermost=True)
    except RecursionError as error:
        raise QueryError([Problem("the query is nested too deeply", 1, 1)]) from error
    reader.problems.extend(_undeclared(reader, tables))
    return reader, query


def _undeclared(reader: Reader, tables: tuple[str, ...]) -> list[Problem]:
    unused = [table for table in dict.fromkeys(tables) if table in reader.catalog and table not in reader.used]
    unknown = [table for table in dict.fromkeys(tables) if table not in reader.catalog]
    return [Problem(f"the table {table} is declared but not used", 1, 1) for table in unused] + [
        Problem(f"the declared table {table} is not one that contracts may read", 1, 1) for table in unknown
    ]


def _parameters(body: Fragment, count: int) -> tuple[Parameter, ...]:
    slots = [piece for piece in body.sqlite if isinstance(piece, ParameterSlot)]
    found = {slot.index: Parameter(usage=slot.usage, kind=slot.kind or "any") for slot in slots}
    return tuple(found[index] for index in range(count))

"""FROM, JOIN and WITH: which tables a SELECT reads, under which names."""

from collections.abc import Mapping

from sqlglot import exp

from workflows_app.contracts.catalog import Column
from workflows_app.contracts.sql.fragments import BOOLEAN, Fragment, compose, join, text
from workflows_app.contracts.sql.reader import Reader
from workflows_app.contracts.sql.scope import Scope, Source
from workflows_app.contracts.sql.types import assume

_JOIN_ARGUMENTS = frozenset({"this", "on", "side", "kind"})


def read_with(reader: Reader, node: exp.Expr, scope: Scope) -> Fragment | None:
    """Named subqueries before a SELECT; their names are added to `scope`."""
    clause = node.args.get("with_")
    if clause is None or not reader.covers(clause, frozenset({"expressions"})):
        return None
    parts = [_cte(reader, cte, scope) for cte in clause.expressions]
    return compose(None, "WITH {0} ", join(", ", parts))


def _cte(reader: Reader, cte: exp.CTE, scope: Scope) -> Fragment:
    alias = cte.args["alias"]
    reader.covers(cte, frozenset({"this", "alias"}))
    reader.covers(alias, frozenset({"this"}))
    name = _own_name(reader, alias.this, scope)
    query = reader.query(cte.this, Scope(ctes=scope.ctes))
    scope.ctes = {**scope.ctes, name: query.columns}
    return compose(None, f'"{name}" AS ({{0}})', query.body)


def _own_name(reader: Reader, node: exp.Expr, scope: Scope, table: str = "") -> str:
    """A name given in the query. It may not be that of another table, which it would hide."""
    name = reader.name(node)
    if name != table and (name in reader.catalog or name in scope.ctes):
        reader.problem(node, f"the name {name} would hide the table {name}")
    return name


def read_from(reader: Reader, node: exp.Select, scope: Scope) -> Fragment:
    """FROM with its joins; the sources are added to `scope`."""
    clause = node.args.get("from_")
    if clause is None:
        reader.problem(node, "a SELECT needs FROM and a table")
        return text("")
    reader.covers(clause, frozenset({"this"}))
    parts = [_source(reader, clause.this, scope, optional=False)]
    parts += [_join(reader, item, scope) for item in node.args.get("joins") or []]
    return compose(None, " FROM {0}", join(" ", parts))


def _join(reader: Reader, node: exp.Join, scope: Scope) -> Fragment:
    reader.covers(node, _JOIN_ARGUMENTS)
    side, kind = str(node.args.get("side") or "").upper(), str(node.args.get("kind") or "").upper()
    if side not in ("", "LEFT") or kind not in ("", "INNER", "OUTER", "CROSS"):
        reader.problem(node, f"{side or kind} JOIN is not allowed; use JOIN, LEFT JOIN or CROSS JOIN")
    source = _source(reader, node.this, scope, optional=side == "LEFT")
    condition = node.args.get("on")
    if condition is None:
        return compose(None, "CROSS JOIN {0}", source)
    on = assume(reader.condition(condition, scope), BOOLEAN)
    _plain(reader, condition, on, "ON")
    return compose(None, f"{'LEFT ' if side else ''}JOIN {{0}} ON {{1}}", source, on)


def _plain(reader: Reader, node: exp.Expr, fragment: Fragment, clause: str) -> None:
    if fragment.aggregate or fragment.window:
        reader.problem(node, f"{clause} cannot use an aggregate; use HAVING or a subquery")


def read_where(reader: Reader, node: exp.Select, scope: Scope) -> Fragment | None:
    """The WHERE clause."""
    clause = node.args.get("where")
    if clause is None:
        return None
    condition = assume(reader.condition(clause.this, scope), BOOLEAN)
    _plain(reader, clause.this, condition, "WHERE")
    return compose(None, " WHERE {0}", condition)


def _source(reader: Reader, node: exp.Expr, scope: Scope, *, optional: bool) -> Fragment:
    if isinstance(node, exp.Table):
        return _table(reader, node, scope, optional=optional)
    if isinstance(node, exp.Subquery):
        return _subquery(reader, node, scope, optional=optional)
    reader.problem(node, "only tables and subqueries can stand in FROM")
    return text("")


def _table(reader: Reader, node: exp.Table, scope: Scope, *, optional: bool) -> Fragment:
    if node.args.get("db") is not None or node.args.get("catalog") is not None:
        return reader.problem(node, "a table is named without a schema")
    if not isinstance(node.this, exp.Identifier):
        return reader.problem(node, "a function cannot stand in FROM")
    reader.covers(node, frozenset({"this", "alias"}))
    table = reader.name(node.this)
    columns, key = _columns(reader, node, scope, table)
    name = _alias(reader, node, scope, table) or table
    _add(reader, node, scope, name=name, columns=columns, key=key, optional=optional)
    return text(f'"{table}" AS "{name}"')


def _columns(reader: Reader, node: exp.Table, scope: Scope, table: str) -> tuple[Mapping[str, Column | None], str]:
    if table in scope.ctes:
        return scope.ctes[table], ""
    if table in reader.declared and table in reader.catalog:
        reader.used.add(table)
        return reader.catalog[table].columns, reader.catalog[table].key
    known = "is not declared in tables" if table in reader.catalog else "is not a table that contracts may read"
    reader.problem(node, f"{table} {known}")
    scope.incomplete = scope.incomplete or table not in reader.catalog
    return (reader.catalog[table].columns, "") if table in reader.catalog else ({}, "")


def _alias(reader: Reader, node: exp.Expr, scope: Scope, table: str = "") -> str:
    alias = node.args.get("alias")
    if alias is None:
        return ""
    reader.covers(alias, frozenset({"this"}))
    return _own_name(reader, alias.this, scope, table)


def _subquery(reader: Reader, node: exp.Subquery, scope: Scope, *, optional: bool) -> Fragment:
    reader.covers(node, frozenset({"this", "alias"}))
    query = reader.query(node.this, Scope(ctes=scope.ctes))
    name = _alias(reader, node, scope)
    if not name:
        return reader.problem(node, "a subquery in FROM needs a name")
    _add(reader, node, scope, name=name, columns=query.columns, key="", optional=optional)
    return compose(None, f'({{0}}) AS "{name}"', query.body)


def _add(
    reader: Reader,
    node: exp.Expr,
    scope: Scope,
    *,
    name: str,
    columns: Mapping[str, Column | None],
    key: str,
    optional: bool,
) -> None:
    if name in scope.sources:
        reader.problem(node, f"{name} stands twice in FROM; give one of them another name")
    serial = next(reader.serials)
    scope.sources[name] = Source(name=name, serial=serial, columns=columns, key=key, optional=optional)

"""A SuiteQL query as one of SQLite's: names checked, Oracle's functions replaced, worked-out columns put in."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from workflows_app.netsuite.sandbox.suiteql.dialect import SuiteQL, parse, refused
from workflows_app.netsuite.sandbox.suiteql.names import check_names, table_of
from workflows_app.netsuite.sandbox.suiteql.vocabulary import COMPUTED, TABLES, shown

_FUNCTIONS = {"TO_CHAR": "ns_to_char", "TO_DATE": "ns_to_date", "TO_TIMESTAMP": "ns_to_date", "TRUNC": "ns_trunc"}
_DATE_FUNCTIONS = {"ns_to_date", "ns_now", "ns_add_days"}
_NOW = {"sysdate", "current_date", "systimestamp", "current_timestamp"}
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)
_SCHEMA = MappingSchema({name: dict(table.columns) for name, table in TABLES.items()}, dialect=SuiteQL)


@dataclass(frozen=True, kw_only=True)
class Translated:
    """`page_sql` takes a limit and an offset at its end; `dates` are the result columns that hold a plain date."""

    page_sql: str
    count_sql: str
    values: int
    dates: frozenset[str]


def translate(text: str) -> Translated:
    """Raises `RestError` 400 in NetSuite's words for what it would refuse."""
    query = parse(text)
    check_names(query)
    _refuse_foreign_functions(query)
    _replace_rownum(query)
    query = _qualified(_changed(query, _with_now))
    query = _changed(_changed(query, _with_functions), _with_date_arithmetic)
    _refuse_texts_as_dates(query)
    dates = frozenset(one.alias_or_name for one in query.selects if _is_date(one.unalias()))
    for call in list(query.find_all(exp.Dot)):
        call.replace(_displayed(call))
    for column in list(query.find_all(exp.Column)):
        _work_out(column)
    for table in list(query.find_all(exp.Table)):
        _rename(table)
    return Translated(
        page_sql=_page_sql(query),
        count_sql=_sql(_counting(query)),
        values=len(list(query.find_all(exp.Placeholder))),
        dates=dates,
    )


def _refuse_foreign_functions(query: exp.Query) -> None:
    """Functions of SQLite's own are none of NetSuite's."""
    for call in query.find_all(exp.Anonymous):
        if str(call.this).upper() not in _FUNCTIONS and not isinstance(call.parent, exp.Dot):
            raise refused(f"Unknown function {call.this}")


def _qualified(query: exp.Query) -> exp.Query:
    try:
        found = qualify(query, schema=_SCHEMA, dialect=SuiteQL, quote_identifiers=False, identify=False)
    except SqlglotError as error:
        raise refused(f"Search error occurred: {error}") from None
    if not isinstance(found, exp.Query):
        raise refused("Only one SELECT statement is supported")
    return found


def _changed(query: exp.Query, change: Callable[[exp.Expr], exp.Expr]) -> exp.Query:
    found = query.transform(change)
    return found if isinstance(found, exp.Query) else query


def _sql(query: exp.Query) -> str:
    return query.sql(dialect="sqlite", identify=True)


def _page_sql(query: exp.Query) -> str:
    whole = f"SELECT * FROM ({_sql(query)})" if query.args.get("limit") else _sql(query)  # noqa: S608 - names checked
    return f"{whole} LIMIT ? OFFSET ?"


def _with_now(node: exp.Expr) -> exp.Expr:
    """SYSDATE may look like a column and is a function."""
    bare = isinstance(node, exp.Column) and not node.table and node.name.lower() in _NOW
    return exp.Anonymous(this="ns_now") if bare or isinstance(node, exp.CurrentDate | exp.CurrentTimestamp) else node


def _with_functions(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and str(node.this).upper() in _FUNCTIONS:
        return exp.Anonymous(this=_FUNCTIONS[str(node.this).upper()], expressions=node.expressions)
    if isinstance(node, exp.Ordered) and node.this.name == "id":
        node.set("nulls_first", not node.args.get("desc"))  # an id is never NULL, and so its index can be used
    return node


def _with_date_arithmetic(node: exp.Expr) -> exp.Expr:
    """`SYSDATE - 30` counts days; the difference of two dates is a number of days."""
    if isinstance(node, exp.Add | exp.Sub) and _is_date(node.left):
        if isinstance(node, exp.Sub) and _is_date(node.right):
            return exp.Anonymous(this="ns_between", expressions=[node.left, node.right])
        days = node.right if isinstance(node, exp.Add) else exp.Neg(this=exp.Paren(this=node.right))
        return exp.Anonymous(this="ns_add_days", expressions=[node.left, days])
    return node


def _is_date(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren | exp.Max | exp.Min):
        return _is_date(node.this)
    if isinstance(node, exp.Column):
        table = table_of(node)
        return bool(table) and TABLES[table].columns.get(node.name) == "date"
    if isinstance(node, exp.Anonymous):
        return node.this in _DATE_FUNCTIONS or (node.this == "ns_trunc" and _is_date(node.expressions[0]))
    return False


def _refuse_texts_as_dates(query: exp.Query) -> None:
    """A date is compared with TO_DATE(…), not with a text or a bare parameter."""
    for comparison in query.find_all(*_COMPARISONS):
        parts = [part for part in comparison.args.values() if isinstance(part, exp.Expr)]
        if any(map(_is_date, parts)) and any(isinstance(part, exp.Literal | exp.Placeholder) for part in parts):
            raise refused("Search error occurred: Invalid date. Use TO_DATE with a format")


def _displayed(node: exp.Dot) -> exp.Expr:
    """BUILTIN.DF(column): what people see instead of the id."""
    call = node.expression
    if node.name.upper() != "DF" or not isinstance(call, exp.Anonymous) or len(call.expressions) != 1:
        raise refused(f"Unknown function {node.sql()}")
    column = call.expressions[0]
    table = table_of(column) if isinstance(column, exp.Column) else ""
    if not table:
        raise refused("BUILTIN.DF needs a column of a record")
    return sqlglot.parse_one(shown(table, column.name, column.table), read="sqlite")


def _work_out(column: exp.Column) -> None:
    found = COMPUTED.get((table_of(column), column.name))
    if found:
        column.replace(sqlglot.parse_one(found.replace("{t}", f'"{column.table}"'), read="sqlite"))


def _rename(table: exp.Table) -> None:
    known = TABLES.get(table.name)
    if known is not None:
        table.set("this", exp.to_identifier(known.stored, quoted=True))


def _replace_rownum(query: exp.Query) -> None:
    """`ROWNUM <= 5` is Oracle's limit."""
    for found in list(query.find_all(exp.LTE, exp.LT)):
        if isinstance(found.left, exp.Column) and found.left.name.upper() == "ROWNUM":
            _limit(found)


def _limit(found: exp.Binary) -> None:
    select = found.find_ancestor(exp.Select)
    if select is None or select.args.get("order") or not isinstance(found.right, exp.Literal):
        raise refused("ROWNUM is supported only as a limit of an unordered query")
    count = int(found.right.name) - isinstance(found, exp.LT)
    found.replace(exp.true())
    select.limit(count, copy=False)


_WHOLE: tuple[Callable[[exp.Query], bool], ...] = (
    lambda query: not isinstance(query, exp.Select),
    lambda query: any(query.args.get(part) for part in ("group", "distinct", "limit", "having")),
    lambda query: any(one.find(exp.AggFunc, exp.Placeholder, exp.Window) for one in query.selects),
)


def _counting(query: exp.Query) -> exp.Query:
    """The same query, counted; a plain one without working out its columns."""
    plain = query.copy()
    plain.set("order", None)
    if not any(reason(query) for reason in _WHOLE):
        plain.set("expressions", [exp.Literal.number(1)])
    return exp.select(exp.Count(this=exp.Star())).from_(plain.subquery("counted"))

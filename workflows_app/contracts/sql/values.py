"""Columns, literals and `?`."""

from dataclasses import replace
from decimal import Decimal
from difflib import get_close_matches

from sqlglot import exp

from workflows_app.contracts.sql.fragments import INTEGER, Fragment, decimal, slot, text
from workflows_app.contracts.sql.reader import UNKNOWN, Handler, Reader, handler
from workflows_app.contracts.sql.scope import Scope
from workflows_app.contracts.sql.slots import ParameterSlot
from workflows_app.contracts.sql.types import boolean, string


def _column(reader: Reader, node: exp.Column, scope: Scope) -> Fragment:
    if isinstance(node.this, exp.Star):
        return reader.problem(node, "* can only stand alone in the list of result columns")
    name = reader.name(node.this)
    table = node.args.get("table")
    if table is not None:
        return _qualified(reader, node, scope, reader.name(table), name)
    return _bare(reader, node, scope, name)


def _qualified(reader: Reader, node: exp.Column, scope: Scope, table: str, name: str) -> Fragment:
    source = scope.source(table)
    if source is None and any(part.incomplete for part in scope.chain()):
        return UNKNOWN
    if source is None:
        return reader.problem(node, f"{table} is neither a table of this query nor a name given to one")
    if not source.columns:
        return UNKNOWN
    if name not in source.columns:
        return reader.problem(node, f"{table} has no column {name}{_hint(name, source.columns)}")
    return source.column(name)


def _bare(reader: Reader, node: exp.Column, scope: Scope, name: str) -> Fragment:
    holders = scope.holders(name)
    if len(holders) > 1:
        tables = " and ".join(source.name for source in holders)
        return reader.problem(node, f"{name} is ambiguous: {tables} both have it")
    if holders:
        return holders[0].column(name)
    if name in scope.outputs:
        return scope.outputs[name]
    if any(part.incomplete for part in scope.chain()):
        return UNKNOWN
    known = [column for part in scope.chain() for source in part.sources.values() for column in source.columns]
    return reader.problem(node, f"there is no column {name} here{_hint(name, known)}")


def _hint(name: str, known: object) -> str:
    close = get_close_matches(name, list(known), n=1)  # type: ignore[call-overload]
    return f"; did you mean {close[0]}?" if close else ""


def _literal(reader: Reader, node: exp.Literal, scope: Scope) -> Fragment:
    if node.is_string:
        return string(node.this)
    whole, point, fraction = node.this.partition(".")
    if not (whole + fraction).isdecimal() or not (whole + fraction).isascii() or (point and not (whole and fraction)):
        return reader.problem(node, f"{node.this} is not a plain number such as 12 or 12.50")
    if point:
        return replace(text(node.this, decimal(len(fraction))), constant=Decimal(node.this))
    if int(whole) >= 2**63:
        return reader.problem(node, f"{node.this} is beyond 64 bits")
    return replace(text(str(int(whole)), replace(INTEGER, nullable=False)), constant=int(whole))


def _boolean(reader: Reader, node: exp.Boolean, scope: Scope) -> Fragment:
    return boolean(bool(node.this))


def _null(reader: Reader, node: exp.Null, scope: Scope) -> Fragment:
    return UNKNOWN


def _placeholder(reader: Reader, node: exp.Placeholder, scope: Scope) -> Fragment:
    if node.this:
        return _named(reader, node, scope)
    return slot(ParameterSlot(index=reader.index(node)))


def _named(reader: Reader, node: exp.Expr, scope: Scope) -> Fragment:
    return reader.problem(node, "only a plain ? can stand for a value")


def _paren(reader: Reader, node: exp.Paren, scope: Scope) -> Fragment:
    return reader.expression(node.this, scope)


HANDLERS: dict[type[exp.Expr], Handler] = {
    exp.Column: handler(_column, "this", "table"),
    exp.Literal: handler(_literal, "this", "is_string"),
    exp.Boolean: handler(_boolean, "this"),
    exp.Null: handler(_null),
    exp.Placeholder: handler(_placeholder, "this"),
    exp.Parameter: handler(_named, "this"),
    exp.Paren: handler(_paren, "this"),
}

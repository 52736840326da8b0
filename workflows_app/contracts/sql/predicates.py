"""Conditions: comparisons, LIKE, IN, BETWEEN, IS, EXISTS, and their AND, OR, NOT."""

from dataclasses import replace
from typing import Any

from sqlglot import exp

from workflows_app.contracts.sql.fragments import BOOLEAN, TEXT, Fragment, compose, join, slot
from workflows_app.contracts.sql.reader import UNKNOWN, Handler, Reader, handler
from workflows_app.contracts.sql.scope import Scope
from workflows_app.contracts.sql.slots import ParameterSlot
from workflows_app.contracts.sql.types import assume, collated, comparable

_SYMBOLS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}


def _logic(reader: Reader, node: Any, scope: Scope) -> Fragment:
    parts = [assume(reader.condition(part, scope), BOOLEAN) for part in (node.this, node.expression)]
    return compose(BOOLEAN, f"({{0}} {type(node).__name__.upper()} {{1}})", *parts)


def _not(reader: Reader, node: exp.Not, scope: Scope) -> Fragment:
    return compose(BOOLEAN, "(NOT {0})", assume(reader.condition(node.this, scope), BOOLEAN))


def _compare(reader: Reader, node: Any, scope: Scope) -> Fragment:
    left, right = comparable(
        reader, node, reader.expression(node.this, scope), reader.expression(node.expression, scope)
    )
    symbol = _SYMBOLS[type(node)]
    if symbol not in ("=", "<>"):
        left = collated(left)
    return compose(BOOLEAN, f"({{0}} {symbol} {{1}})", left, right)


def _between(reader: Reader, node: exp.Between, scope: Scope) -> Fragment:
    value = reader.expression(node.this, scope)
    first, low = comparable(reader, node, value, reader.expression(node.args["low"], scope))
    second, high = comparable(reader, node, value, reader.expression(node.args["high"], scope))
    return compose(BOOLEAN, "({0} >= {1} AND {2} <= {3})", collated(first), low, collated(second), high)


def _is(reader: Reader, node: exp.Is, scope: Scope) -> Fragment:
    value, other = reader.expression(node.this, scope), node.expression
    if isinstance(other, exp.Null):
        return compose(BOOLEAN, "({0} IS NULL)", value)
    if isinstance(other, exp.Boolean) and value.kind in (None, "boolean"):
        return compose(BOOLEAN, f"({{0}} IS {'TRUE' if other.this else 'FALSE'})", assume(value, BOOLEAN))
    return _is_other(reader, node, scope)


def _is_other(reader: Reader, node: exp.Expr, scope: Scope) -> Fragment:
    return reader.problem(node, "IS can only be followed by NULL, TRUE or FALSE; write = instead")


def _in(reader: Reader, node: exp.In, scope: Scope) -> Fragment:
    value = reader.expression(node.this, scope)
    if node.args.get("query") is not None:
        return _in_query(reader, node, scope, value)
    items = node.expressions
    if len(items) == 1 and isinstance(items[0], exp.Placeholder):
        return _in_list(reader, items[0], value)
    if not items:
        return reader.problem(node, "IN needs a list, a ? or a subquery")
    return _in_values(reader, node, value, [reader.expression(item, scope) for item in items])


def _in_values(reader: Reader, node: exp.In, value: Fragment, items: list[Fragment]) -> Fragment:
    pairs = [comparable(reader, node, value, item) for item in items]
    if any(left is not value for left, _ in pairs):
        # A side had to be rewritten for one of the values, so each is compared on its own.
        alternatives = join(" OR ", [compose(None, "{0} = {1}", *pair) for pair in pairs])
        return compose(BOOLEAN, "({0})", alternatives)
    return compose(BOOLEAN, "({0} IN ({1}))", value, join(", ", [item for _, item in pairs]))


def _in_list(reader: Reader, node: exp.Placeholder, value: Fragment) -> Fragment:
    place = ParameterSlot(index=reader.index(node), usage="in", kind=value.kind or "text")
    return compose(BOOLEAN, "({0} IN {1})", value, slot(place, value.type or TEXT), postgresql="({0} = ANY({1}))")


def _in_query(reader: Reader, node: exp.In, scope: Scope, value: Fragment) -> Fragment:
    query = reader.query(node.args["query"], scope)
    if len(query.columns) != 1:
        return reader.problem(node, "a subquery after IN must have exactly one column")
    right = replace(query.body, type=next(iter(query.columns.values())))
    left, fitted = comparable(reader, node, value, right)
    if fitted is not right:
        return reader.problem(node, "a subquery after IN must have the type of what it is compared with")
    return compose(BOOLEAN, "({0} IN ({1}))", left, right)


def _exists(reader: Reader, node: exp.Exists, scope: Scope) -> Fragment:
    return compose(BOOLEAN, "(EXISTS ({0}))", reader.query(node.this, scope).body)


def _like(reader: Reader, node: exp.Like, scope: Scope) -> Fragment:
    value = assume(reader.expression(node.this, scope), TEXT)
    if value.kind not in (None, "text"):
        return reader.problem(node, f"LIKE needs text, this is {value.kind}")
    pattern = _pattern(reader, node.expression, scope)
    found = compose(BOOLEAN, r"({0} LIKE {1} ESCAPE '\')", value, pattern, postgresql=r"({0} ILIKE {1} ESCAPE '\')")
    return compose(BOOLEAN, "(NOT {0})", found) if node.args.get("negate") else found


def _escape(reader: Reader, node: exp.Escape, scope: Scope) -> Fragment:
    if not isinstance(node.this, exp.Like) or node.expression.name != "\\":
        return reader.problem(node, r"the escape character of LIKE is always \ and need not be given")
    return reader.expression(node.this, scope)


def _pattern(reader: Reader, node: exp.Expr, scope: Scope) -> Fragment:
    r"""What follows LIKE: text, `?`, and LOWER, UPPER or || of them. A `\` makes the next character literal."""
    if isinstance(node, exp.Placeholder):
        return slot(ParameterSlot(index=reader.index(node), usage="like", kind="text"), TEXT)
    if isinstance(node, exp.Literal) and node.is_string:
        return _literal_pattern(reader, node, scope)
    if isinstance(node, exp.Paren):
        return _pattern(reader, node.this, scope)
    if isinstance(node, exp.Lower | exp.Upper) and reader.covers(node, frozenset({"this"})):
        return compose(TEXT, f"{type(node).__name__.upper()}({{0}})", _pattern(reader, node.this, scope))
    if isinstance(node, exp.DPipe):
        parts = (_pattern(reader, node.this, scope), _pattern(reader, node.expression, scope))
        return compose(TEXT, "({0} || {1})", *parts)
    reader.problem(node, "LIKE needs a pattern made of text and ?, so that data never acts as a pattern")
    return UNKNOWN


def _literal_pattern(reader: Reader, node: exp.Literal, scope: Scope) -> Fragment:
    pattern: str = node.this
    if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
        return reader.problem(node, r"a pattern cannot end with a single \, which escapes the next character")
    return reader.expression(node, scope)


HANDLERS: dict[type[exp.Expr], Handler] = {
    exp.And: handler(_logic, "this", "expression"),
    exp.Or: handler(_logic, "this", "expression"),
    exp.Not: handler(_not, "this"),
    **{node: handler(_compare, "this", "expression") for node in _SYMBOLS},
    exp.Between: handler(_between, "this", "low", "high"),
    exp.Is: handler(_is, "this", "expression"),
    exp.NullSafeEQ: handler(_is_other, "this", "expression"),
    exp.NullSafeNEQ: handler(_is_other, "this", "expression"),
    exp.In: handler(_in, "this", "expressions", "query"),
    exp.Exists: handler(_exists, "this"),
    exp.Like: handler(_like, "this", "expression", "negate"),
    exp.Escape: handler(_escape, "this", "expression"),
}

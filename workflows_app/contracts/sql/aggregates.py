"""COUNT, SUM, AVG, MIN and MAX, plain and OVER a window, and CAST."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from workflows_app.contracts.catalog import Column
from workflows_app.contracts.sql.fragments import INTEGER, Fragment, compose, decimal, join, text
from workflows_app.contracts.sql.functions import MAX_SCALE, NUDGE
from workflows_app.contracts.sql.order import order_terms
from workflows_app.contracts.sql.reader import Handler, Reader, handler
from workflows_app.contracts.sql.scope import Scope
from workflows_app.contracts.sql.types import collated, decollated

_ARGUMENTS = frozenset({"this", "big_int"})


@dataclass(frozen=True, kw_only=True)
class _Call:
    """One call of an aggregate: its argument, DISTINCT or not, and the OVER clause (empty without a window)."""

    argument: Fragment
    distinct: str
    over: Fragment

    def made(
        self, type: Column, sqlite: str, postgresql: str | None = None, argument: Fragment | None = None
    ) -> Fragment:
        """The call in a template in which `{0}` is the argument with its DISTINCT and `{1}` the OVER clause."""
        inner = compose(None, self.distinct + "{0}", argument or self.argument)
        return compose(type, sqlite, inner, self.over, postgresql=postgresql)


def _aggregate(reader: Reader, node: Any, scope: Scope) -> Fragment:
    found = _call(reader, node, scope, text(""))
    return replace(found, aggregate=True, loose=frozenset())


def _window(reader: Reader, node: exp.Window, scope: Scope) -> Fragment:
    if type(node.this) not in _FUNCTIONS or not reader.covers(node.this, _ARGUMENTS):
        return reader.problem(node, "only COUNT, SUM, AVG, MIN and MAX can be used OVER a window")
    parts = []
    if node.args.get("partition_by"):
        keys = [reader.expression(part, scope) for part in node.args["partition_by"]]
        parts.append(compose(None, "PARTITION BY {0}", join(", ", keys)))
    if node.args.get("order") is not None:
        terms = order_terms(reader, node.args["order"], lambda part: reader.expression(part, scope))
        parts.append(compose(None, "ORDER BY {0}", join(", ", [term.sql for term in terms])))
    over = compose(None, " OVER ({0})", join(" ", parts))
    found = _call(reader, node.this, scope, over)
    if found.aggregate:
        return reader.problem(node, "a window over an aggregate is not allowed; use a subquery")
    return replace(found, window=True)


def _call(reader: Reader, node: Any, scope: Scope, over: Fragment) -> Fragment:
    inner, distinct = node.this, ""
    if isinstance(inner, exp.Distinct):
        if len(inner.expressions) != 1 or not reader.covers(inner, frozenset({"expressions"})):
            return reader.problem(node, "DISTINCT inside an aggregate takes exactly one expression")
        inner, distinct = inner.expressions[0], "DISTINCT "
    if isinstance(inner, exp.Star):
        if not isinstance(node, exp.Count) or distinct:
            return reader.problem(node, "only COUNT can be applied to *")
        return compose(replace(INTEGER, nullable=False), "COUNT(*){0}", over)
    argument = reader.expression(inner, scope)
    if argument.aggregate or argument.window:
        return reader.problem(node, "an aggregate cannot be applied to an aggregate; use a subquery")
    return _FUNCTIONS[type(node)](reader, node, _Call(argument=argument, distinct=distinct, over=over))


def _count(reader: Reader, node: exp.Expr, call: _Call) -> Fragment:
    return call.made(replace(INTEGER, nullable=False), "COUNT({0}){1}")


def _sum(reader: Reader, node: exp.Expr, call: _Call) -> Fragment:
    kind = call.argument.kind
    if kind == "boolean":
        number = compose(INTEGER, "{0}", call.argument, postgresql="CAST({0} AS integer)")
        return call.made(INTEGER, "SUM({0}){1}", argument=number)
    if kind in (None, "integer"):
        return call.made(INTEGER, "SUM({0}){1}", "CAST(SUM({0}){1} AS bigint)")
    if kind != "decimal":
        return reader.problem(node, f"SUM needs numbers, this is {kind}")
    scale = _scale(call)
    units = _units(call.argument, scale)
    sqlite = call.made(decimal(scale), f"(SUM({{0}}){{1}} / {10**scale}.0)", argument=units)
    return replace(sqlite, postgresql=call.made(decimal(scale), "SUM({0}){1}").postgresql)


def _avg(reader: Reader, node: exp.Expr, call: _Call) -> Fragment:
    if call.argument.kind not in (None, "integer", "decimal"):
        return reader.problem(node, f"AVG needs numbers, this is {call.argument.kind}")
    scale = _scale(call)
    places = scale if call.argument.kind == "decimal" else MAX_SCALE
    units = _units(call.argument, scale)
    sqlite = call.made(decimal(places), f"ROUND(AVG({{0}}){{1}} / {10**scale}.0 * {NUDGE}, {places})", argument=units)
    return replace(sqlite, postgresql=call.made(decimal(places), f"ROUND(AVG({{0}}){{1}}, {places})").postgresql)


def _scale(call: _Call) -> int:
    return call.argument.type.scale if call.argument.type else 0


def _units(argument: Fragment, scale: int) -> Fragment:
    """A decimal in whole units of its last place (cents), so that SQLite adds integers, exactly."""
    return compose(None, f"CAST(ROUND({{0}} * {10**scale}) AS INTEGER)", argument)


def _extreme(reader: Reader, node: exp.Expr, call: _Call) -> Fragment:
    name, type = node.__class__.__name__.upper(), call.argument.type
    if call.argument.kind == "boolean":
        return reader.problem(node, f"{name} of a condition is not allowed; use SUM or COUNT")
    found = call.made(type or INTEGER, f"{name}({{0}}){{1}}", argument=collated(call.argument))
    found = replace(found, type=type and replace(type, nullable=True))
    return decollated(found) if found.kind == "text" else found


_FUNCTIONS: dict[type[exp.Expr], Callable[[Reader, exp.Expr, _Call], Fragment]] = {
    exp.Count: _count,
    exp.Sum: _sum,
    exp.Avg: _avg,
    exp.Min: _extreme,
    exp.Max: _extreme,
}

HANDLERS: dict[type[exp.Expr], Handler] = {
    **{node: handler(_aggregate, *_ARGUMENTS) for node in _FUNCTIONS},
    exp.Window: handler(_window, "this", "partition_by", "order", "over"),
}

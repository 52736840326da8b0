"""CAST, where both databases agree on what it does."""

from sqlglot import exp

from workflows_app.contracts.catalog import Column
from workflows_app.contracts.sql.fragments import INTEGER, TEXT, Fragment, compose, decimal
from workflows_app.contracts.sql.functions import MAX_SCALE, rounded
from workflows_app.contracts.sql.reader import Handler, Reader, handler
from workflows_app.contracts.sql.scope import Scope
from workflows_app.contracts.sql.types import assume

_TEXT = (exp.DType.TEXT, exp.DType.VARCHAR)
_INTEGER = (exp.DType.INT, exp.DType.BIGINT)
_DECIMAL = (exp.DType.DECIMAL, exp.DType.DOUBLE)


def _cast(reader: Reader, node: exp.Cast, scope: Scope) -> Fragment:
    target = _target(node.args["to"])
    if target is None:
        return reader.problem(node, "CAST can only make TEXT, INTEGER or DECIMAL")
    value = assume(reader.expression(node.this, scope), target)
    if value.kind is None or value.kind == target.kind == "text":
        return value
    found = _converted(value, target)
    return found or reader.problem(node, f"CAST cannot make {target.kind} of {value.kind} on both databases alike")


def _target(to: exp.DataType) -> Column | None:
    if to.this in _TEXT:
        return TEXT
    if to.this in _INTEGER:
        return INTEGER
    if to.this not in _DECIMAL:
        return None
    sizes = [int(size.this.this) for size in to.expressions if size.this.is_int]
    return decimal(sizes[1] if len(sizes) == 2 else 0) if all(size <= 30 for size in sizes) else None


def _converted(value: Fragment, target: Column) -> Fragment | None:
    if target.kind == "text" and value.kind in ("integer", "date"):
        return compose(TEXT, "CAST({0} AS TEXT)", value)
    if target.kind == "integer":
        return _integer(value)
    if target.kind == "decimal" and value.kind in ("integer", "decimal"):
        scale = min(target.scale or (value.type.scale if value.type else 0), MAX_SCALE)
        return rounded(compose(None, "CAST({0} AS REAL)", value, postgresql="{0}"), scale)
    return None


def _integer(value: Fragment) -> Fragment | None:
    if value.kind == "decimal":
        return compose(INTEGER, "CAST({0} AS INTEGER)", value, postgresql="CAST(TRUNC({0}) AS bigint)")
    if value.kind == "boolean":
        return compose(INTEGER, "{0}", value, postgresql="CAST({0} AS integer)")
    return value if value.kind == "integer" else None


HANDLERS: dict[type[exp.Expr], Handler] = {exp.Cast: handler(_cast, "this", "to")}

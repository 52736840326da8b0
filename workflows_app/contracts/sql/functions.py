"""Arithmetic and the functions on the allow-list, each written so that both databases give the same.

SQLite computes with binary floats: every computed decimal is rounded there to its places, after a nudge away from zero
far below the last place, so that 2.675 rounds to 2.68 as PostgreSQL's numeric does.
"""

from dataclasses import replace
from typing import Any

from sqlglot import exp

from workflows_app.contracts.catalog import Column
from workflows_app.contracts.sql import clock
from workflows_app.contracts.sql.fragments import (
    DATE,
    DATETIME,
    INTEGER,
    TEXT,
    Fragment,
    compose,
    decimal,
    join,
    slot,
)
from workflows_app.contracts.sql.reader import Handler, Reader, handler
from workflows_app.contracts.sql.scope import Scope
from workflows_app.contracts.sql.slots import ClockSlot
from workflows_app.contracts.sql.types import assume, comparable, is_number, unify

MAX_SCALE = 6
NUDGE = "1.00000000000001"
_SYMBOLS: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}


def _numbers(reader: Reader, node: exp.Expr, parts: list[Fragment]) -> list[Fragment] | None:
    """The operands with types, or None when one is no number."""
    known = next((part.type for part in parts if part.type), INTEGER)
    typed = [assume(part, known) for part in parts]
    wrong = next((part.kind for part in typed if not is_number(part)), None)
    if wrong:
        reader.problem(node, f"arithmetic needs numbers, this is {wrong}")
        return None
    return [replace(part, type=part.type or INTEGER) for part in typed]


def _scale(part: Fragment) -> int:
    return part.type.scale if part.type and part.type.kind == "decimal" else 0


def rounded(part: Fragment, scale: int) -> Fragment:
    """A decimal with so many places, half away from zero."""
    return compose(
        decimal(scale),
        f"ROUND({{0}} * {NUDGE}, {scale})",
        part,
        postgresql=f"ROUND(CAST({{0}} AS numeric), {scale})",
    )


def _arithmetic(reader: Reader, node: Any, scope: Scope) -> Fragment:
    parts = _numbers(reader, node, [reader.expression(node.this, scope), reader.expression(node.expression, scope)])
    if parts is None:
        return reader.problem(node, "cannot be computed")
    symbol = _SYMBOLS[type(node)]
    if all(part.kind == "integer" for part in parts):
        return compose(INTEGER, f"({{0}} {symbol} {{1}})", *parts, postgresql=f"(CAST({{0}} AS bigint) {symbol} {{1}})")
    scales = [_scale(part) for part in parts]
    scale = min(sum(scales), MAX_SCALE) if symbol == "*" else max(scales)
    return rounded(compose(None, f"({{0}} {symbol} {{1}})", *parts), scale)


def _divide(reader: Reader, node: exp.Div, scope: Scope) -> Fragment:
    parts = _numbers(reader, node, [reader.expression(node.this, scope), reader.expression(node.expression, scope)])
    if parts is None:
        return reader.problem(node, "cannot be computed")
    if all(part.kind == "integer" for part in parts):
        return compose(INTEGER, "({0} / {1})", *parts, postgresql="({0} / NULLIF({1}, 0))")
    quotient = compose(
        None,
        "(CAST({0} AS REAL) / {1})",
        *parts,
        postgresql="(CAST({0} AS numeric) / NULLIF({1}, 0))",
    )
    return rounded(quotient, MAX_SCALE)


def _negate(reader: Reader, node: exp.Neg, scope: Scope) -> Fragment:
    parts = _numbers(reader, node, [reader.expression(node.this, scope)])
    return compose(parts[0].type, "(- {0})", parts[0]) if parts else reader.problem(node, "cannot be computed")


def _abs(reader: Reader, node: exp.Abs, scope: Scope) -> Fragment:
    parts = _numbers(reader, node, [reader.expression(node.this, scope)])
    return compose(parts[0].type, "ABS({0})", parts[0]) if parts else reader.problem(node, "cannot be computed")


def _round(reader: Reader, node: exp.Round, scope: Scope) -> Fragment:
    parts = _numbers(reader, node, [reader.expression(node.this, scope)])
    places = _whole(node.args.get("decimals"), 0)
    if parts is None or places is None or places > MAX_SCALE:
        return reader.problem(node, f"ROUND takes a number and a number of places from 0 to {MAX_SCALE}")
    return rounded(parts[0], places)


def _whole(node: exp.Expr | None, default: int) -> int | None:
    """A literal whole number, `default` when it is left out, None for anything else."""
    if node is None:
        return default
    return int(node.this) if isinstance(node, exp.Literal) and node.is_int else None


def _text(reader: Reader, node: exp.Expr, scope: Scope) -> Fragment:
    found = assume(reader.expression(node, scope), TEXT)
    if found.kind not in (None, "text"):
        return reader.problem(node, f"needs text, this is {found.kind}; write CAST(… AS TEXT)")
    return found


def _text_function(reader: Reader, node: Any, scope: Scope) -> Fragment:
    return compose(TEXT, f"{type(node).__name__.upper()}({{0}})", _text(reader, node.this, scope))


def _length(reader: Reader, node: exp.Length, scope: Scope) -> Fragment:
    return compose(INTEGER, "LENGTH({0})", _text(reader, node.this, scope))


def _concatenate(reader: Reader, node: exp.DPipe, scope: Scope) -> Fragment:
    parts = (_text(reader, node.this, scope), _text(reader, node.expression, scope))
    return compose(TEXT, "({0} || {1})", *parts)


def _substring(reader: Reader, node: exp.Substring, scope: Scope) -> Fragment:
    start, length = _whole(node.args.get("start"), 0), _whole(node.args.get("length"), 2**31 - 1)
    if not start or length is None:
        return reader.problem(node, "SUBSTR takes text, a start from 1 on, and a length, both written as numbers")
    return compose(TEXT, f"SUBSTR({{0}}, {start}, {length})", _text(reader, node.this, scope))


def _coalesce(reader: Reader, node: exp.Coalesce, scope: Scope) -> Fragment:
    parts = [reader.expression(part, scope) for part in (node.this, *node.expressions)]
    typed, type = unify(reader, node, parts)
    return compose(type, "COALESCE({0})", join(", ", typed))


def _nullif(reader: Reader, node: exp.Nullif, scope: Scope) -> Fragment:
    first, second = reader.expression(node.this, scope), reader.expression(node.expression, scope)
    left, right = comparable(reader, node, first, second)
    return compose(left.type and replace(left.type, nullable=True), "NULLIF({0}, {1})", left, right)


def _case(reader: Reader, node: exp.Case, scope: Scope) -> Fragment:
    conditions = [_when(reader, node, branch, scope) for branch in node.args["ifs"]]
    default = node.args.get("default")
    values = [branch.args["true"] for branch in node.args["ifs"]] + ([default] if default is not None else [])
    results, type = unify(reader, node, [reader.expression(value, scope) for value in values])
    parts = [compose(None, "WHEN {0} THEN {1}", *pair) for pair in zip(conditions, results, strict=False)]
    parts += [compose(None, "ELSE {0}", results[-1])] if default is not None else []
    return compose(type, "(CASE {0} END)", join(" ", parts))


def _when(reader: Reader, node: exp.Case, branch: exp.If, scope: Scope) -> Fragment:
    if node.this is None:
        return reader.condition(branch.this, scope)
    return reader.expression(exp.EQ(this=node.this.copy(), expression=branch.this.copy()), scope)


def _clock(reader: Reader, node: exp.Expr, arguments: list[exp.Expr], type: Column, scope: Scope) -> Fragment:
    """`date(…)` and `datetime(…)` of 'now' with constant modifiers; `date(column)` is the day of a moment."""
    first = arguments[0] if arguments else exp.Literal.string("now")
    shifts = [clock.shift_for(item.this) if _is_text(item) else None for item in arguments[1:]]
    if _is_text(first) and first.this.lower() == "now" and None not in shifts:
        known = tuple(shift for shift in shifts if shift)
        return slot(ClockSlot(kind=type.kind, shifts=known, whole_day=type is DATE), type)
    if type is DATE and len(arguments) == 1:
        return _day(reader, node, reader.expression(first, scope))
    return reader.problem(node, f"{type.kind}() takes 'now' and constant modifiers such as '-2 hours'")


def _is_text(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)


def _day(reader: Reader, node: exp.Expr, value: Fragment) -> Fragment:
    if value.kind == "date" and value.constant is None:
        return value
    if value.kind == "datetime" and value.constant is None:
        return compose(DATE, "DATE({0})", value, postgresql="CAST({0} AT TIME ZONE 'UTC' AS date)")
    return reader.problem(node, "date() takes 'now' with constant modifiers, or a column that holds a moment")


def _date(reader: Reader, node: exp.Date, scope: Scope) -> Fragment:
    arguments = [node.this] if node.this is not None else []
    return _clock(reader, node, [*arguments, *node.expressions], DATE, scope)


def _anonymous(reader: Reader, node: exp.Anonymous, scope: Scope) -> Fragment:
    """Functions that sqlglot has no class for; SQLite's date and datetime with modifiers are among them."""
    type = {"date": DATE, "datetime": DATETIME}.get(str(node.this).lower())
    if type is None:
        return reader.problem(node, f"the function {str(node.this).lower()} is not allowed in contract SQL")
    return _clock(reader, node, node.expressions, type, scope)


def _current(reader: Reader, node: exp.Expr, scope: Scope) -> Fragment:
    type = DATE if isinstance(node, exp.CurrentDate) else DATETIME
    return _clock(reader, node, [], type, scope)


HANDLERS: dict[type[exp.Expr], Handler] = {
    **{node: handler(_arithmetic, "this", "expression") for node in _SYMBOLS},
    exp.Div: handler(_divide, "this", "expression", "typed", "safe"),
    exp.Neg: handler(_negate, "this"),
    exp.Abs: handler(_abs, "this"),
    exp.Round: handler(_round, "this", "decimals"),
    exp.Lower: handler(_text_function, "this"),
    exp.Upper: handler(_text_function, "this"),
    exp.Trim: handler(_text_function, "this"),
    exp.Length: handler(_length, "this"),
    exp.DPipe: handler(_concatenate, "this", "expression", "safe"),
    exp.Substring: handler(_substring, "this", "start", "length"),
    exp.Coalesce: handler(_coalesce, "this", "expressions"),
    exp.Nullif: handler(_nullif, "this", "expression"),
    exp.Case: handler(_case, "this", "ifs", "default"),
    exp.Date: handler(_date, "this", "expressions"),
    exp.Anonymous: handler(_anonymous, "this", "expressions"),
    exp.CurrentTimestamp: handler(_current),
    exp.CurrentDate: handler(_current),
}

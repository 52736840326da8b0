"""Comparison, arithmetic and LIKE under SQL's three-valued logic: NULL is None, and unknown spreads.

Every function here is pure and raises `EvaluationError` when the values do not go together; nothing is ever coerced.
"""

import operator
import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Context, Decimal
from functools import lru_cache

from workflows_app.contracts.expressions.values import NOUNS, EvaluationError, Pattern, Value, family, moment, show

Truth = bool | None

NUMBERS = Context(prec=38)
_LARGEST = 10**38
_PLAIN = frozenset({int, Decimal, str, bool})
_COMPARISONS: dict[str, Callable[[Value, Value], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


# --- comparison -----------------------------------------------------------------------------------------------------


def comparison(symbol: str) -> Callable[[Value, Value], Truth]:
    """The test `left symbol right` for one of = != < <= > >=."""
    compare = _COMPARISONS[symbol]

    def test(left: Value, right: Value) -> Truth:
        if left is None or right is None:
            return None
        if type(left) is type(right) and type(left) in _PLAIN:
            return compare(left, right)
        return compare(*aligned(left, right, symbol))

    return test


def aligned(left: Value, right: Value, symbol: str) -> tuple[Value, Value]:
    """Two values that compare, dates as moments. Raises `EvaluationError` when they are of different families."""
    kind, other = family(left), family(right)
    if kind != other:
        raise EvaluationError(
            f"{NOUNS[kind]} cannot be compared with {NOUNS[other]}: {show(left)} {symbol} {show(right)}"
        )
    if kind in ("list", "row"):
        raise EvaluationError(f"{NOUNS[kind]} cannot be compared with {symbol}")
    return (moment(left), moment(right)) if isinstance(left, date) else (left, right)


_equal = comparison("=")
_not_above = comparison("<=")


def between(value: Value, low: Value, high: Value) -> Truth:
    """`low <= value AND value <= high`."""
    return both(_not_above(low, value), _not_above(value, high))


def both(left: Truth, right: Truth) -> Truth:
    """AND of two truths."""
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def within(value: Value, members: Sequence[Value] | None) -> Truth:
    """`value IN members`: unknown when it is not found and NULL is involved; no members, no match."""
    if members is None:
        return None
    unknown = False
    for member in members:
        equal = _equal(value, member)
        if equal:
            return True
        unknown = unknown or equal is None
    return None if unknown else False


def inverted(value: Value) -> Truth:
    """NOT value."""
    return None if value is None else not truth(value)


def truth(value: Value) -> Truth:
    """TRUE, FALSE or NULL as it is. Raises `EvaluationError` for anything else."""
    if value is None or value is True or value is False:
        return value
    raise EvaluationError(f"AND, OR and NOT need TRUE or FALSE, and got {NOUNS[family(value)]}: {show(value)}")


# --- arithmetic -----------------------------------------------------------------------------------------------------


def _divide(left: int | Decimal, right: int | Decimal) -> Value:
    return None if right == 0 else NUMBERS.divide(left, right)


_EXACT: dict[str, Callable[[Value, Value], Value]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
}
_DECIMAL: dict[str, Callable[[Value, Value], Value]] = {
    "+": NUMBERS.add,
    "-": NUMBERS.subtract,
    "*": NUMBERS.multiply,
    "/": _divide,
}


def arithmetic(symbol: str) -> Callable[[Value, Value], Value]:
    """`left symbol right` on integers and decimals; `/` always gives a decimal, and NULL when dividing by zero."""
    exact, decimal = _EXACT[symbol], _DECIMAL[symbol]

    def compute(left: Value, right: Value) -> Value:
        if left is None or right is None:
            return None
        if type(left) is int and type(right) is int:
            return bounded(exact(left, right))
        return bounded(decimal(number(left, symbol), number(right, symbol)))

    return compute


def negative(value: Value) -> Value:
    """The number with its sign turned; NULL stays NULL."""
    return None if value is None else -number(value, "-")


def number(value: Value, symbol: str) -> int | Decimal:
    """The number itself. Raises `EvaluationError`, naming what needed it."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    raise EvaluationError(f"{symbol} needs numbers, and got {NOUNS[family(value)]}: {show(value)}")


def bounded(value: Value) -> Value:
    """The result of arithmetic. Raises `EvaluationError` for numbers of more than 38 digits."""
    if value is None or -_LARGEST < value < _LARGEST:
        return value
    raise EvaluationError("the result has more than 38 digits")


# --- LIKE -----------------------------------------------------------------------------------------------------------


def escaped(value: str) -> str:
    """`value` as a LIKE pattern that matches just itself."""
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def like(value: Value, pattern: Value) -> Truth:
    """`value LIKE pattern`, ignoring case. A text that is no `Pattern` is a value, so its % and _ match themselves."""
    if value is None or pattern is None:
        return None
    for side in (value, pattern):
        if not isinstance(side, str):
            raise EvaluationError(f"LIKE needs text, and got {NOUNS[family(side)]}: {show(side)}")
    source = pattern if isinstance(pattern, Pattern) else escaped(pattern)
    return _matcher(str(source)).fullmatch(value) is not None


@lru_cache(maxsize=1024)
def _matcher(pattern: str) -> re.Pattern[str]:
    """A regular expression that cannot backtrack over more than one %: each piece takes its first place for good."""
    first, *rest = _pieces(pattern)
    last = [".*" + rest.pop()] if rest else []
    middle = [f"(?>.*?{piece})" for piece in rest if piece]
    return re.compile("".join([first, *middle, *last]), re.IGNORECASE | re.DOTALL)


def _pieces(pattern: str) -> list[str]:
    """The regular expressions of what stands between the %; a lone backslash at the end matches nothing."""
    pieces = [""]
    characters = iter(pattern)
    for character in characters:
        if character == "%":
            pieces.append("")
        elif character == "\\":
            following = next(characters, None)
            pieces[-1] += "(?!)" if following is None else re.escape(following)
        else:
            pieces[-1] += "." if character == "_" else re.escape(character)
    return pieces

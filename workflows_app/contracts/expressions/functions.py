"""The functions that expressions may call; there are no others.

`count sum min max` take a list and leave out its NULLs, as SQL does. The rest give NULL for NULL, but for
`coalesce` and `list`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from workflows_app.contracts.expressions.operators import NUMBERS, bounded, comparison, escaped, number
from workflows_app.contracts.expressions.values import (
    NOUNS,
    Env,
    EvaluationError,
    Pattern,
    Value,
    family,
    flat,
    moment,
    show,
)

Takes = Literal["list", "text", "number", "moment", "any"]
Returns = Literal["integer", "text", "pattern", "datetime", "date", "element", "first", "list"]


@dataclass(frozen=True, kw_only=True)
class Function:
    """One function: how to call it, how many arguments it has (`most` None: any number), what it takes and gives.

    `takes` "moment" is a date, a datetime or text; `returns` "element" is the type of the list's elements, "first" the
    common type of the arguments and "list" a list of them.
    """

    call: Callable[[Env, Sequence[Value]], Value]
    takes: Takes
    returns: Returns
    fewest: int = 1
    most: int | None = 1

    def count_problem(self, name: str, given: int) -> str:
        """What is wrong with this number of arguments; empty when nothing is."""
        if given >= self.fewest and (self.most is None or given <= self.most):
            return ""
        some = {1: "one argument", 2: "one or two arguments"}.get(self.most or 0, f"at least {self.fewest} arguments")
        return f"{name}() takes {some}, not {given}"


# --- over a list ----------------------------------------------------------------------------------------------------


def _elements(name: str, value: Value) -> list[Value]:
    return [] if value is None else [element for element in flat(value, f"{name}()") if element is not None]


def _count(_env: Env, arguments: Sequence[Value]) -> int:
    return len(_elements("count", arguments[0]))


def _sum(_env: Env, arguments: Sequence[Value]) -> Value:
    total: Value = None
    for element in _elements("sum", arguments[0]):
        addend = number(element, "sum()")
        total = addend if total is None else bounded(_add(total, addend))
    return total


def _add(left: int | Decimal, right: int | Decimal) -> Value:
    exact = isinstance(left, int) and isinstance(right, int)
    return left + right if exact else NUMBERS.add(left, right)


def _best(name: str, symbol: str) -> Callable[[Env, Sequence[Value]], Value]:
    better = comparison(symbol)

    def choose(_env: Env, arguments: Sequence[Value]) -> Value:
        best: Value = None
        for element in _elements(name, arguments[0]):
            if best is None or better(element, best):
                best = element
        return best

    return choose


# --- over one value -------------------------------------------------------------------------------------------------


def _text(change: Callable[[str], str], name: str) -> Callable[[Env, Sequence[Value]], Value]:
    def call(_env: Env, arguments: Sequence[Value]) -> Value:
        (value,) = arguments
        if value is None:
            return None
        return change(_needs_text(name, value))

    return call


def _needs_text(name: str, value: Value) -> str:
    if isinstance(value, str):
        return value
    raise EvaluationError(f"{name}() needs text, and got {NOUNS[family(value)]}: {show(value)}")


def _contains(value: str) -> Pattern:
    return Pattern(f"%{escaped(value)}%")


def _starts_with(value: str) -> Pattern:
    return Pattern(f"{escaped(value)}%")


def _money(_env: Env, arguments: Sequence[Value]) -> str | None:
    (value,) = arguments
    if value is None:
        return None
    cents = Decimal(number(value, "money()")).quantize(Decimal("0.01"), ROUND_HALF_UP, NUMBERS)
    return f"{cents.copy_abs() if cents.is_zero() else cents:,.2f}"


# --- moments --------------------------------------------------------------------------------------------------------

_AGE = re.compile(r"\s*([0-9]{1,6})\s+(second|minute|hour|day|week)s?\s*", re.IGNORECASE)
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)


def age(text: str) -> timedelta:
    """'24 hours', '30 minutes' or '7 days' as a duration. Raises `EvaluationError`."""
    match = _AGE.fullmatch(text)
    if match is None:
        raise EvaluationError(f"{text!r} is not a time span such as '24 hours', '30 minutes' or '7 days'")
    return timedelta(**{f"{match[2].lower()}s": int(match[1])})


def moment_of(text: str) -> datetime:
    """ISO text as a moment, in UTC when it names no time zone. Raises `EvaluationError`."""
    try:
        value = datetime.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        value = None
    if value is None:
        raise EvaluationError(f"{text[:40]!r} is not a date such as '2026-01-31' or '2026-01-31T09:00:00Z'")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def span(text: str) -> timedelta:
    """'+30 days' or '-2 hours' as a duration, as SQLite's modifiers are written. Raises `EvaluationError`."""
    sign, rest = (text[0], text[1:]) if text[:1] in ("+", "-") else ("+", text)
    return -age(rest) if sign == "-" else age(rest)


def _ago(env: Env, arguments: Sequence[Value]) -> datetime | None:
    (value,) = arguments
    return None if value is None else env.now - age(_needs_text("ago", value))


def _datetime(env: Env, arguments: Sequence[Value]) -> datetime | None:
    """The moment of the first argument, moved by the second where there is one."""
    if None in arguments:
        return None
    found = _moment(env, arguments[0])
    return found if len(arguments) == 1 else found + span(_needs_text("datetime", arguments[1]))


def _moment(env: Env, value: Value) -> datetime:
    if isinstance(value, date):
        return moment(value).astimezone(UTC)
    text = _needs_text("datetime", value)
    return env.now if text == "now" else moment_of(text)


def _date(env: Env, arguments: Sequence[Value]) -> date | None:
    value = _datetime(env, arguments)
    return None if value is None else value.astimezone(UTC).date()


# --- the rest, and the table ----------------------------------------------------------------------------------------


def _coalesce(_env: Env, arguments: Sequence[Value]) -> Value:
    return next((argument for argument in arguments if argument is not None), None)


def _list(_env: Env, arguments: Sequence[Value]) -> list[Value]:
    return list(arguments)


FUNCTIONS: Mapping[str, Function] = {
    "count": Function(call=_count, takes="list", returns="integer"),
    "sum": Function(call=_sum, takes="list", returns="element"),
    "min": Function(call=_best("min", "<"), takes="list", returns="element"),
    "max": Function(call=_best("max", ">"), takes="list", returns="element"),
    "lower": Function(call=_text(str.lower, "lower"), takes="text", returns="text"),
    "upper": Function(call=_text(str.upper, "upper"), takes="text", returns="text"),
    "coalesce": Function(call=_coalesce, takes="any", returns="first", fewest=2, most=None),
    "list": Function(call=_list, takes="any", returns="list", fewest=0, most=None),
    "contains": Function(call=_text(_contains, "contains"), takes="text", returns="pattern"),
    "starts_with": Function(call=_text(_starts_with, "starts_with"), takes="text", returns="pattern"),
    "money": Function(call=_money, takes="number", returns="text"),
    "ago": Function(call=_ago, takes="text", returns="datetime"),
    "datetime": Function(call=_datetime, takes="moment", returns="datetime", most=2),
    "date": Function(call=_date, takes="moment", returns="date", most=2),
}

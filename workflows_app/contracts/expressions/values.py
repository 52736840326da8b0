"""What expressions work on, what can go wrong, and what they ask of their surroundings."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

Value = Any  # None | bool | int | Decimal | str | date | datetime (aware) | list | Mapping | Pattern


class Pattern(str):
    """A LIKE pattern whose value part is already escaped with a backslash, from `contains()` or `starts_with()`."""

    __slots__ = ()


class ExpressionError(ValueError):
    """A text that is not an expression. `offset` is the 0-based character where it stops making sense."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class EvaluationError(Exception):
    """An expression that has no value here (a type mismatch, an unknown name); the message says why in plain words."""


class Env(Protocol):
    """Where an expression is evaluated; `workflows_app.reading.scope.Scope` is the real one."""

    @property
    def now(self) -> datetime:
        """The moment of this reading, aware."""

    def lookup(self, path: tuple[str, ...]) -> Value:
        """The value of a dotted name. Raises `EvaluationError` for a name that is nowhere."""

    def missing_from(self, values: Sequence[Value], table: str, column: str) -> list[Value]:
        """Those of `values` that no row of `table` has in `column`."""

    def aggregate(self, function: str, table: str, column: str, where: Sequence[tuple[str, str, Value]]) -> Value:
        """MIN, MAX, SUM or COUNT of the column over the rows where every (column, operator, value) holds."""


_FAMILIES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "boolean"),
    ((int, Decimal), "number"),
    (str, "text"),
    (date, "moment"),
    ((list, tuple), "list"),
    (Mapping, "row"),
)
# For what is asked often: a tuple made once, the concrete type before the protocol, which is slow to ask for.
_LISTS = (list, tuple)
_ROWS = (dict, Mapping)
NOUNS: Mapping[str, str] = {
    "boolean": "TRUE or FALSE",
    "number": "a number",
    "text": "text",
    "moment": "a date",
    "list": "a list",
    "row": "a row",
}


def family(value: Value) -> str:
    """The family of a value that is not None; only values of one family compare. Raises `EvaluationError`."""
    for types, name in _FAMILIES:
        if isinstance(value, types):
            return name
    raise EvaluationError(f"a {type(value).__name__} is not a value that expressions know")


def show(value: Value) -> str:
    """A value as it would be written in an expression, shortened, for messages."""
    if value is None or isinstance(value, bool):
        return "NULL" if value is None else str(value).upper()
    if isinstance(value, str):
        return repr(str(value) if len(value) <= 40 else value[:40] + "…")
    kind = family(value)
    return NOUNS[kind] if kind in ("list", "row") else str(value)[:60]


def moment(value: date) -> datetime:
    """A date as its midnight in UTC, a datetime as it is. Raises `EvaluationError` when it has no time zone."""
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if value.tzinfo is None:
        raise EvaluationError(f"the moment {value.isoformat()} has no time zone")
    return value


def walk(value: Value, path: Sequence[str]) -> Value:
    """Follow attribute names into mappings; NULL stays NULL and a list gives the list of what its elements give.

    Raises `EvaluationError` for an attribute that is not there.
    """
    for index, name in enumerate(path):
        if value is None:
            return None
        if isinstance(value, _LISTS):
            return [walk(element, path[index:]) for element in value]
        value = _attribute(value, name)
    return value


def _attribute(value: Value, name: str) -> Value:
    if not isinstance(value, _ROWS):
        raise EvaluationError(f"{NOUNS[family(value)]} has no attribute {name}")
    if name not in value:
        raise EvaluationError(f"a row has no {name}; it has {', '.join(map(str, value)) or 'nothing'}")
    return value[name]


def flat(value: Value, what: str) -> list[Value]:
    """The elements of a list, those of lists inside it included. Raises `EvaluationError` naming `what`."""
    if not isinstance(value, list | tuple):
        raise EvaluationError(f"{what} needs a list, and got {show(value)}")
    elements: list[Value] = []
    for element in value:
        if isinstance(element, list | tuple):
            elements.extend(flat(element, what))
        else:
            elements.append(element)
    return elements

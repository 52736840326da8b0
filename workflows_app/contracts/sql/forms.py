"""Values on their way into a query: checked against the type of their place, then in the form each database stores.

SQLite holds what Django writes there: moments as naive UTC text, dates as text, decimals as numbers, booleans as 0
and 1. Nothing is coerced: a number for a text column is an error here, on both databases alike. Only dates and moments
may come as ISO text, because SQL and JSON have no other way to write them.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Literal

from workflows_app.contracts.sql.errors import BindError

Vendor = Literal["sqlite", "postgresql"]
# A column's kind; `moment` is what a date column may be compared with (a date or a datetime); `any` is untyped.
PlaceKind = Literal["text", "integer", "decimal", "boolean", "date", "datetime", "moment", "natural", "any"]

_INT64 = 2**63


def normal(value: Any, kind: PlaceKind) -> Any:
    """`value` as the one Python type that its place takes; None stays None. Raises `BindError`."""
    return None if value is None else _NORMAL[kind](value)


def stored(value: Any, kind: PlaceKind, vendor: Vendor) -> Any:
    """A normal value in the form that the database stores and compares."""
    if value is None or vendor == "postgresql":
        return value
    return _SQLITE[kind](value)


def parse_moment(text: str) -> date | datetime | None:
    """ISO text as a date (`2026-01-31`) or a UTC datetime; None when it is neither."""
    try:
        if len(text) == len("2026-01-31"):
            return date.fromisoformat(text)
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def midnight(value: date) -> datetime:
    """The moment at which a date begins, in UTC."""
    return datetime.combine(value, time(), UTC)


def datetime_text(value: datetime) -> str:
    """A moment as Django stores it in SQLite."""
    return str(value.astimezone(UTC).replace(tzinfo=None))


def _refuse(value: Any, wanted: str) -> BindError:
    return BindError(f"needs {wanted}, not {type(value).__name__} {str(value)[:60]!r}")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _refuse(value, "text")
    if "\x00" in value:
        raise BindError("text with a NUL character cannot be looked up")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BindError("text with half a character (a lone surrogate) cannot be looked up") from error
    return str(value)


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _refuse(value, "a whole number")
    if isinstance(value, Decimal) and (not value.is_finite() or value != value.to_integral_value()):
        raise _refuse(value, "a whole number")
    if not -_INT64 <= value < _INT64:
        raise BindError("a whole number beyond 64 bits cannot be looked up")
    return int(value)


def _natural(value: Any) -> int:
    number = _integer(value)
    if number < 0:
        raise _refuse(value, "a number that is not negative")
    return number


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _refuse(value, "a number")
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise _refuse(value, "a number of ordinary size")
    return number


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _refuse(value, "TRUE or FALSE")
    return value


def _moment(value: Any) -> date | datetime:
    found = parse_moment(value) if isinstance(value, str) else value
    if not isinstance(found, date):
        raise _refuse(value, "a date or a moment")
    if isinstance(found, datetime):
        if found.tzinfo is None:
            raise _refuse(value, "a moment with its time zone")
        return found.astimezone(UTC)
    return found


def _date(value: Any) -> date:
    found = _moment(value)
    if isinstance(found, datetime):
        raise _refuse(value, "a date without a time")
    return found


def _datetime(value: Any) -> datetime:
    found = _moment(value)
    return found if isinstance(found, datetime) else midnight(found)


def _any(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | Decimal | date):
        return str(value)
    raise _refuse(value, "text, a number, a date or NULL")


def _moment_text(value: date | datetime) -> str:
    """A moment to compare with stored dates: midnight must equal its date, any other time comes after it."""
    if isinstance(value, datetime) and value != midnight(value.date()):
        return datetime_text(value)
    return value.isoformat()[:10]


_NORMAL: dict[PlaceKind, Callable[[Any], Any]] = {
    "text": _text,
    "integer": _integer,
    "natural": _natural,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "moment": _moment,
    "any": _any,
}
_SQLITE: dict[PlaceKind, Callable[[Any], Any]] = {
    "text": str,
    "integer": int,
    "natural": int,
    "decimal": float,
    "boolean": int,
    "date": date.isoformat,
    "datetime": datetime_text,
    "moment": _moment_text,
    "any": str,
}

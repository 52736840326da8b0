"""SQLite's `datetime('now', …)` and `date('now', …)` computed from the moment of a reading."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

Shift = Callable[[datetime], datetime]

_AMOUNT = re.compile(r"([+-]?\d{1,5}) (second|minute|hour|day|month|year)s?")
_WEEKDAY = re.compile(r"weekday ([0-6])")
_MONTHS = {"month": 1, "year": 12}


def shift_for(modifier: str) -> Shift | None:
    """What one modifier such as `-2 hours` or `start of month` does, or None when it is not one we know."""
    text = modifier.strip().lower()
    if text in _STARTS:
        return _STARTS[text]
    if match := _WEEKDAY.fullmatch(text):
        return _to_weekday(int(match[1]))
    if match := _AMOUNT.fullmatch(text):
        return _by_amount(int(match[1]), match[2])
    return None


def moment(now: datetime, shifts: tuple[Shift, ...]) -> datetime:
    """`now` in UTC to the second, as SQLite's clock has it, moved by each shift. Raises `OverflowError`."""
    value = now.astimezone(UTC).replace(microsecond=0)
    for shift in shifts:
        value = shift(value)
    return value


def _midnight(value: datetime) -> datetime:
    return value.replace(hour=0, minute=0, second=0)


_STARTS: dict[str, Shift] = {
    "start of day": _midnight,
    "start of month": lambda value: _midnight(value.replace(day=1)),
    "start of year": lambda value: _midnight(value.replace(month=1, day=1)),
}


def _to_weekday(weekday: int) -> Shift:
    """Forward to the next such day, 0 being Sunday; a day that is one already stays."""
    return lambda value: value + timedelta(days=(weekday - value.isoweekday()) % 7)


def _by_amount(amount: int, unit: str) -> Shift:
    if unit in _MONTHS:
        return lambda value: _add_months(value, amount * _MONTHS[unit])
    return lambda value: value + timedelta(**{f"{unit}s": amount})


def _add_months(value: datetime, months: int) -> datetime:
    """Like SQLite: 31 January plus one month is 3 March (2 March in a leap year)."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    try:
        first = date(year, month + 1, 1)
    except ValueError as error:
        raise OverflowError(str(error)) from error
    return datetime.combine(first, value.timetz()) + timedelta(days=value.day - 1)

"""Oracle's dates over text: `2026-09-14 06:00:00` in the account's zone, so that comparing texts compares moments."""

import re
import sqlite3
from datetime import datetime, timedelta

_STORED = "%Y-%m-%d %H:%M:%S"
_PARTS = {
    "YYYY": "%Y", "YY": "%y", "MONTH": "%B", "MON": "%b", "MM": "%m", "DDD": "%j", "DD": "%d", "DAY": "%A",
    "DY": "%a", "HH24": "%H", "HH12": "%I", "HH": "%I", "MI": "%M", "SS": "%S", "AM": "%p", "PM": "%p",
}  # fmt: skip
_PART = re.compile("|".join(sorted(_PARTS, key=len, reverse=True)) + r'|"[^"]*"|[A-Za-z]+', re.IGNORECASE)
_DEFAULT = "MM/DD/YYYY"


def register(db: sqlite3.Connection, today: str) -> None:
    """Teach a connection the functions that translated queries call; `today` as `2026-09-14 06:00:00`, local."""
    db.execute("PRAGMA case_sensitive_like=ON")  # as Oracle's LIKE
    db.create_function("ns_to_char", -1, _to_char, deterministic=True)
    db.create_function("ns_to_date", -1, _to_date, deterministic=True)
    db.create_function("ns_trunc", -1, _trunc, deterministic=True)
    db.create_function("ns_add_days", 2, _add_days, deterministic=True)
    db.create_function("ns_between", 2, _between, deterministic=True)
    db.create_function("ns_now", 0, lambda: today, deterministic=True)
    db.create_function("ns_days", 1, lambda due: None if due is None else int(_between(_trunc(today), due) or 0),
                       deterministic=True)  # fmt: skip


def as_shown(value: str) -> str:
    """A date as a row shows it without TO_CHAR: the account's format, the day alone."""
    moment = datetime.strptime(value, _STORED)  # noqa: DTZ007 - local by definition
    return f"{moment.month}/{moment.day}/{moment.year}"


def _format(oracle: str) -> str:
    return _PART.sub(lambda found: _known(found.group()), oracle)


def _known(part: str) -> str:
    if part.startswith('"'):
        return part.strip('"')
    if part.upper() not in _PARTS:
        raise ValueError(f"date format {part} not recognized")
    return _PARTS[part.upper()]


def _to_char(value: str | float | None, oracle: str = _DEFAULT) -> str | None:
    if value is None or not isinstance(value, str):
        return None if value is None else f"{value:g}"
    return _moment(value).strftime(_format(oracle))


def _to_date(text: str | None, oracle: str = _DEFAULT) -> str | None:
    return None if text is None else datetime.strptime(text, _format(oracle)).strftime(_STORED)  # noqa: DTZ007


def _trunc(value: str | float | None, unit: str = "DD") -> str | float | None:
    if value is None or not isinstance(value, str):
        return value if value is None else int(value)
    moment = _moment(value).replace(hour=0, minute=0, second=0)
    if unit.upper() in ("YYYY", "YEAR"):
        moment = moment.replace(month=1, day=1)
    if unit.upper() in ("MM", "MONTH"):
        moment = moment.replace(day=1)
    return moment.strftime(_STORED)


def _add_days(value: str | None, days: float | None) -> str | None:
    if value is None or days is None:
        return None
    return (_moment(value) + timedelta(days=float(days))).strftime(_STORED)


def _between(later: str | float | None, earlier: str | float | None) -> float | None:
    if later is None or earlier is None:
        return None
    return (_moment(str(later)) - _moment(str(earlier))).total_seconds() / 86400


def _moment(value: str) -> datetime:
    return datetime.strptime(value, _STORED)  # noqa: DTZ007 - local by definition

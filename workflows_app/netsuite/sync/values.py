"""NetSuite's texts as values of our columns (its answers hold text only; an empty column is left out)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Model

from workflows_app.netsuite.sync.zone import AccountZone

Record = Mapping[str, str]
_CENT = Decimal("0.01")
_TOO_LARGE = Decimal(10) ** 12  # our columns hold 14 digits, two of them cents


class UnreadableError(Exception):
    """NetSuite sent something that our tables cannot hold. The message names record and column."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What is needed to understand a record: the account's zone, this moment, and our ids by NetSuite's."""

    zone: AccountZone
    now: datetime
    known: Mapping[type[Model], Mapping[str, str]] = field(default_factory=dict)


Make = Callable[[Record, Reading], Any]


def text(column: str) -> Make:
    """A text, or NULL."""
    return lambda record, reading: record.get(column)


def filled_text(*columns: str) -> Make:
    """The first of the columns that is not empty; else the empty text."""
    return lambda record, reading: next((record[name] for name in columns if record.get(name)), "")


def flag(column: str) -> Make:
    """NetSuite's `T` and `F`."""
    return lambda record, reading: record.get(column) == "T"


def money(column: str) -> Make:
    """An amount with cents, 0 when empty."""
    return lambda record, reading: decimal(record, column)


def optional_money(column: str) -> Make:
    """An amount with cents, or NULL."""
    return lambda record, reading: decimal(record, column) if record.get(column) else None


def size(column: str) -> Make:
    """An amount without its sign: NetSuite shows some types as negative in one place and positive in another."""
    return lambda record, reading: abs(decimal(record, column))


def whole(column: str) -> Make:
    """A whole number, 0 when empty."""
    return lambda record, reading: int(decimal(record, column))


def day(column: str) -> Make:
    """A date that the query wrote as `YYYY-MM-DD`, or NULL."""
    return lambda record, reading: _day(record, column)


def moment(column: str) -> Make:
    """A moment that the query wrote in the account's zone; UTC, or NULL."""
    return lambda record, reading: _moment(record, column, reading.zone)


def reference(column: str, model: type[Model]) -> Make:
    """Our id of the record that NetSuite names by its internal id; that id itself while we do not have the row."""
    return lambda record, reading: our_id(record.get(column), model, reading)


def our_id(ns_id: str | None, model: type[Model], reading: Reading) -> str | None:
    """The same for an id in hand."""
    return None if ns_id is None else reading.known.get(model, {}).get(ns_id, ns_id)


def decimal(record: Record, column: str) -> Decimal:
    """A number, to the cent; 0 when empty. Raises `UnreadableError`."""
    shown = record.get(column) or "0"
    try:
        amount = Decimal(shown).quantize(_CENT) + 0  # no negative zero
    except InvalidOperation:
        raise _unreadable(record, column, "is no number") from None
    if not amount.is_finite():
        raise _unreadable(record, column, "is no number")
    if abs(amount) >= _TOO_LARGE:
        raise _unreadable(record, column, "is too large")  # one database would refuse it, the other change it
    return amount


def _day(record: Record, column: str) -> date | None:
    shown = record.get(column)
    try:
        return date.fromisoformat(shown) if shown else None
    except ValueError:
        raise _unreadable(record, column, "is no date") from None


def _moment(record: Record, column: str, zone: AccountZone) -> datetime | None:
    shown = record.get(column)
    try:
        return zone.moment(shown) if shown else None
    except ValueError:
        raise _unreadable(record, column, "is no moment") from None


def _unreadable(record: Record, column: str, problem: str) -> UnreadableError:
    return UnreadableError(f"record {record.get('id', '?')}: {column} {record.get(column)!r} {problem}.")

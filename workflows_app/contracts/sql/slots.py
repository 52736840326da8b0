"""The places of a query that are filled in when it is bound: `?` parameters, and the clock."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from workflows_app.contracts.expressions import Pattern
from workflows_app.contracts.sql import clock, forms
from workflows_app.contracts.sql.errors import BindError
from workflows_app.contracts.sql.forms import PlaceKind, Vendor

Usage = Literal["plain", "like", "in"]

_POSTGRESQL_TYPES: dict[PlaceKind, str] = {
    "text": "text",
    "integer": "bigint",
    "natural": "bigint",
    "decimal": "numeric",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamptz",
    "moment": "timestamptz",
    "any": "text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSlot:
    """The `index`-th `?` (from 0). `kind` is that of the column it is compared with, None while nobody knows."""

    index: int
    usage: Usage = "plain"
    kind: PlaceKind | None = None

    def sql(self, vendor: Vendor) -> str:
        """The placeholder. A list is one parameter, so that the text of a query never depends on its values."""
        if vendor == "sqlite":
            return "(SELECT value FROM json_each(%s))" if self.usage == "in" else "%s"
        array = "[]" if self.usage == "in" else ""
        return f"CAST(%s AS {_POSTGRESQL_TYPES[self.kind or 'any']}{array})"

    def bind(self, vendor: Vendor, values: Sequence[Any], now: datetime) -> Any:
        """The value for the cursor. Raises `BindError`."""
        try:
            return self._form(values[self.index], vendor)
        except BindError as error:
            raise BindError(f"parameter {self.index + 1} {error}") from error

    def _form(self, value: Any, vendor: Vendor) -> Any:
        if self.usage == "in":
            return self._list(value, vendor)
        if self.usage == "like":
            return escaped(value)
        if isinstance(value, Pattern):
            raise BindError("is a pattern, which belongs after LIKE")
        return self._one(value, vendor)

    def _one(self, value: Any, vendor: Vendor) -> Any:
        kind = self.kind or "any"
        if value is None and kind == "natural":
            raise BindError("needs a number, not NULL")
        return forms.stored(forms.normal(value, kind), kind, vendor)

    def _list(self, value: Any, vendor: Vendor) -> Any:
        items = list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
        found = [self._one(item, vendor) for item in items]
        return found if vendor == "postgresql" else json.dumps(found, ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSlot:
    """`datetime('now', …)` or `date('now', …)`."""

    kind: PlaceKind
    shifts: tuple[clock.Shift, ...] = ()
    whole_day: bool = False

    def sql(self, vendor: Vendor) -> str:
        """The placeholder."""
        return "%s" if vendor == "sqlite" else f"CAST(%s AS {_POSTGRESQL_TYPES[self.kind]})"

    def bind(self, vendor: Vendor, values: Sequence[Any], now: datetime) -> Any:
        """The moment, computed from `now`. Raises `BindError` when it leaves the calendar."""
        try:
            value = clock.moment(now, self.shifts)
        except (OverflowError, ValueError) as error:
            raise BindError("a moment computed from now leaves the calendar") from error
        exact = value.date() if self.whole_day else value
        return forms.stored(forms.normal(exact, self.kind), self.kind, vendor)


Slot = ParameterSlot | ClockSlot


def escaped(value: Any) -> str | None:
    r"""A LIKE pattern (escape character `\`) that text matches only as itself; a `Pattern` is one already."""
    if isinstance(value, Pattern) or value is None:
        return None if value is None else forms.normal(str(value), "text")
    text: str = forms.normal(value, "text")
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

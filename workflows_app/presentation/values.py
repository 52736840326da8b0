"""A value as text: with the three placeholders named, ids by their names, money with separators, moments as people say
them.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.utils.formats import localize

from workflows_app.effects.data import is_placeholder
from workflows_app.presentation import moments, words
from workflows_app.presentation.names import Named, name_of

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_AMOUNT = re.compile(r"-?\d+(\.\d+)?")
_OWN_ID = re.compile(r"cs-[a-z]+-[0-9a-f]{8}-[0-9a-f-]{27}")
_CODE = re.compile(r"[a-z]+(_[a-z]+)+")
_DEEPEST = 6
_MANY = 3


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A value ready for a page.

    `look`: `plain`, `empty` (nothing there), `open` (a placeholder), `id` (of a row born here), `named` (a row by its
    name, its id in `reference`), `money`, `nested` (named values, in `children`), `grid` (rows, in `grid`).
    """

    text: str
    look: Literal["plain", "empty", "open", "id", "named", "money", "nested", "grid"] = "plain"
    reference: str = ""
    children: "tuple[Field, ...]" = ()
    grid: "Grid | None" = None

    def __str__(self) -> str:
        return self.text


EMPTY = Shown(text="—", look="empty")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One named value."""

    label: str
    value: Shown
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Rows of values under the same titles.

    `common`: what is the same in all of three or more rows; `total`: what they add up to.
    """

    titles: tuple[str, ...]
    rows: tuple[tuple[Shown, ...], ...]
    common: "tuple[Field, ...]" = ()
    total: str = ""


def show(value: Any, depth: int = 0, column: str = "") -> Shown:
    """Any JSON value as a person reads it; `column` is its name. What is nested too deep for a page stays text."""
    if value is None or value in ("", [], {}):
        return EMPTY
    if is_placeholder(value):
        return Shown(text=placeholder(value), look="open")
    if isinstance(value, bool):
        return Shown(text="yes" if value else "no")
    if isinstance(value, dict | list):
        return _structure(value, depth)
    if column in words.STATES and _CODE.fullmatch(str(value)):
        return Shown(text=words.spaced(str(value)))
    return _single(value, column) or _embedded(str(value), depth) or Shown(text=_scalar(str(value)))


def placeholder(value: Mapping[str, Any]) -> str:
    """What will stand in the place of a placeholder."""
    of = name_of(value.get("of")) or value.get("of", "")
    names = {
        "now": "the moment this is applied",
        "artifact_sha256": f"the content hash of what “{of}” produces",
        "ns_id": f"NetSuite’s own number for {of}",
    }
    return names.get(str(value["placeholder"]), f"an unknown placeholder: {value['placeholder']}")


def fields(values: Mapping[str, Any], depth: int = 0) -> tuple[Field, ...]:
    """A mapping as named values."""
    return tuple(
        Field(label=words.column(name), value=show(value, depth, name), name=name) for name, value in values.items()
    )


def grid(rows: Sequence[Mapping[str, Any]], depth: int = 0) -> Grid:
    """Rows as a table, with every column that any of them has; what is the same in all of them is said once."""
    names = words.in_order([name for name in dict.fromkeys(n for row in rows for n in row) if not _told(rows, name)])
    common = [name for name in names if _is_common(rows, name)]
    names = [name for name in names if name not in common]
    return Grid(
        titles=tuple(words.column(name) for name in names),
        rows=tuple(tuple(show(row.get(name), depth, name) for name in names) for row in rows),
        common=tuple(
            Field(label=words.column(name), value=show(rows[0][name], depth, name), name=name) for name in common
        ),
        total=total(rows),
    )


def _is_common(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Whether a column holds the same single value in all of three or more rows."""
    first = rows[0].get(name)
    if len(rows) < _MANY or isinstance(first, list) or words.is_money(name) or name == "quantity":
        return False
    return all(name in row and row[name] == first for row in rows)


def _told(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Whether a description only repeats the name that the item shows anyway."""
    if name != "description":
        return False
    return all(name_of(row.get("item_code") or row.get("item")) == row.get(name) for row in rows)


def total(rows: Sequence[Mapping[str, Any]]) -> str:
    """What two or more rows of money add up to, quantities counted in; nothing when not every row has an amount."""
    amounts = [_amount(row) for row in rows]
    if len(rows) < 2 or None in amounts:
        return ""
    return words.money(str(sum(amount for amount in amounts if amount is not None)))


def _amount(row: Mapping[str, Any]) -> Decimal | None:
    """The money of one row: its amount, or its price times how many."""
    for name in words.ADDED:
        value = str(row.get(name, ""))
        if _AMOUNT.fullmatch(value):
            count = str(row.get("quantity")) if name in words.PRICES else "1"
            return Decimal(value) * Decimal(count) if _AMOUNT.fullmatch(count) else None
    return None


def is_table(value: object) -> bool:
    """Whether a value is a list of rows."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _single(value: Any, column: str) -> Shown | None:
    """A name, an id or an amount; None for any other value."""
    if isinstance(value, Named):
        return Shown(text=value.name, look="named", reference=str.__str__(value))
    text = str(value)
    if _OWN_ID.fullmatch(text):
        return Shown(text=text, look="id")
    if words.is_money(column) and _AMOUNT.fullmatch(text):
        return Shown(text=words.money(text), look="money")
    return None


def _structure(value: Any, depth: int) -> Shown:
    """A list or mapping: words when it is a plain list, else rows or named values."""
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return Shown(text=", ".join(str(show(item, _DEEPEST)) for item in value))
    text = json.dumps(value, ensure_ascii=False)
    if depth >= _DEEPEST:
        return Shown(text=text)
    if is_table(value) and not any(map(is_placeholder, value)):
        return Shown(text=text, look="grid", grid=grid(value, depth + 1))
    if isinstance(value, dict):
        return Shown(text=text, look="nested", children=fields(value, depth + 1))
    numbered = enumerate(value, start=1)
    children = tuple(Field(label=str(number), value=show(item, depth + 1)) for number, item in numbered)
    return Shown(text=text, look="nested", children=children)


def _embedded(text: str, depth: int) -> Shown | None:
    """A column that holds canonical text of its own, such as `evidence`; None for any other text."""
    if depth >= _DEEPEST or text[:1] + text[-1:] not in ("{}", "[]"):
        return None
    try:
        data = json.loads(text, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return _structure(data, depth) if data else None


def _scalar(text: str) -> str:
    """A canonical moment or day in readable form; any other text as it stands."""
    try:
        if _MOMENT.fullmatch(text):
            return moments.said(datetime.fromisoformat(text))
        return str(localize(date.fromisoformat(text))) if _DAY.fullmatch(text) else text
    except (ValueError, OverflowError):
        return text

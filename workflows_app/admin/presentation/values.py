"""A value as text, with the three placeholders named."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from workflows_app.admin.presentation import words
from workflows_app.effects.data import is_placeholder

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_OWN_ID = re.compile(r"cs-[a-z]+-[0-9a-f]{8}-[0-9a-f-]{27}")
_DEEPEST = 6


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A value ready for a page.

    `look`: `plain`, `empty` (nothing there), `open` (a placeholder), `id` (of a row born here), `nested` (named
    values, in `children`), `grid` (rows, in `grid`).
    """

    text: str
    look: Literal["plain", "empty", "open", "id", "nested", "grid"] = "plain"
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
    """Rows of values under the same titles."""

    titles: tuple[str, ...]
    rows: tuple[tuple[Shown, ...], ...]


def show(value: Any, depth: int = 0) -> Shown:
    """Any JSON value as a person reads it. What is nested too deep for a page stays text."""
    if value is None or value in ("", [], {}):
        return EMPTY
    if is_placeholder(value):
        return Shown(text=placeholder(value), look="open")
    if isinstance(value, bool):
        return Shown(text="yes" if value else "no")
    if isinstance(value, dict | list):
        return _structure(value, depth)
    if _OWN_ID.fullmatch(str(value)):
        return Shown(text=str(value), look="id")
    return _embedded(str(value), depth) or Shown(text=_scalar(str(value)))


def placeholder(value: Mapping[str, Any]) -> str:
    """What will stand in the place of a placeholder."""
    of = value.get("of", "")
    names = {
        "now": "the moment this is applied",
        "artifact_sha256": f"the content hash of what “{of}” produces",
        "ns_id": f"NetSuite’s own number for {of}",
    }
    return names.get(str(value["placeholder"]), f"an unknown placeholder: {value['placeholder']}")


def fields(values: Mapping[str, Any], depth: int = 0) -> tuple[Field, ...]:
    """A mapping as named values."""
    return tuple(Field(label=words.column(name), value=show(value, depth), name=name) for name, value in values.items())


def grid(rows: Sequence[Mapping[str, Any]], depth: int = 0) -> Grid:
    """Rows as a table, with every column that any of them has."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return Grid(
        titles=tuple(words.column(name) for name in names),
        rows=tuple(tuple(show(row.get(name), depth) for name in names) for row in rows),
    )


def is_table(value: object) -> bool:
    """Whether a value is a list of rows."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


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
    """A canonical moment in readable form; any other text as it stands."""
    if not _MOMENT.fullmatch(text):
        return text
    return f"{datetime.fromisoformat(text).astimezone(UTC):%d %b %Y %H:%M} UTC"

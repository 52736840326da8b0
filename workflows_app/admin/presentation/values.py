"""A value as text, with the three placeholders named."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from workflows_app.admin.presentation import words
from workflows_app.effects.data import is_placeholder

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A value ready for a page.

    `look`: `plain`, `empty` (nothing there), `open` (a placeholder), `nested` (named values, in `children`).
    """

    text: str
    look: Literal["plain", "empty", "open", "nested"] = "plain"
    children: "tuple[Field, ...]" = ()

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


def show(value: Any) -> Shown:
    """Any JSON value as a person reads it."""
    if value is None or value in ("", [], {}):
        return EMPTY
    if is_placeholder(value):
        return Shown(text=placeholder(value), look="open")
    if isinstance(value, bool):
        return Shown(text="yes" if value else "no")
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return Shown(text=", ".join(str(show(item)) for item in value))
    if isinstance(value, dict):
        return _nested(value, fields(value))
    if isinstance(value, list):
        numbered = enumerate(value, start=1)
        return _nested(value, tuple(Field(label=str(number), value=show(item)) for number, item in numbered))
    return Shown(text=_scalar(str(value)))


def placeholder(value: Mapping[str, Any]) -> str:
    """What will stand in the place of a placeholder."""
    of = value.get("of", "")
    names = {
        "now": "the moment this is applied",
        "artifact_sha256": f"the content hash of what “{of}” produces",
        "ns_id": f"NetSuite’s own number for {of}",
    }
    return names.get(str(value["placeholder"]), f"an unknown placeholder: {value['placeholder']}")


def fields(values: Mapping[str, Any]) -> tuple[Field, ...]:
    """A mapping as named values."""
    return tuple(Field(label=words.column(name), value=show(value), name=name) for name, value in values.items())


def grid(rows: list[Mapping[str, Any]]) -> Grid:
    """Rows as a table, with every column that any of them has."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return Grid(
        titles=tuple(words.column(name) for name in names),
        rows=tuple(tuple(show(row.get(name)) for name in names) for row in rows),
    )


def is_table(value: object) -> bool:
    """Whether a value is a list of rows."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _nested(value: Any, children: "tuple[Field, ...]") -> Shown:
    return Shown(text=json.dumps(value, ensure_ascii=False), look="nested", children=children)


def _scalar(text: str) -> str:
    """A canonical moment in readable form; any other text as it stands."""
    if not _MOMENT.fullmatch(text):
        return text
    return f"{datetime.fromisoformat(text).astimezone(UTC):%d %b %Y %H:%M} UTC"

"""What changed against an earlier proposal, and what a person edited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows_app.admin.presentation import words
from workflows_app.admin.presentation.values import EMPTY, Shown, show


@dataclass(frozen=True, kw_only=True)
class Changed:
    """One changed value. `before` is empty where only the new value is known."""

    where: str
    before: Shown
    after: Shown


def read_difference(entries: Sequence[Mapping[str, Any]]) -> tuple[Changed, ...]:
    """Entries `{where, was, now}` of a difference, or `{item, field, value}` of an edit."""
    return tuple(_edit(entry) if "item" in entry else _change(entry) for entry in entries)


def _change(entry: Mapping[str, Any]) -> Changed:
    return Changed(where=str(entry["where"]), before=show(entry["was"]), after=show(entry["now"]))


def _edit(entry: Mapping[str, Any]) -> Changed:
    where = f"{entry['item']} · {words.column(entry['field'])}"
    return Changed(where=where, before=EMPTY, after=show(entry["value"]))

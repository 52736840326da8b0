"""`netsuite.push`: a record for NetSuite as a form, with its lines as a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from workflows_app.presentation import words
from workflows_app.presentation.endings import Ending
from workflows_app.presentation.values import Field, Grid, fields, grid, is_table, show


@dataclass(frozen=True, kw_only=True)
class Lines:
    """A sublist of the record."""

    title: str
    grid: Grid


@dataclass(frozen=True, kw_only=True)
class RecordView:
    """A NetSuite record.

    `known_change`: when NetSuite last changed it, as far as we know; `ending`: what became of it.
    """

    template: ClassVar = "admin/countersign/effects/record.html"
    icon: ClassVar = "cloud_upload"
    title: str
    id: str
    external_id: str
    queue: str
    on_failure: str
    known_change: str
    fields: tuple[Field, ...]
    lines: tuple[Lines, ...]
    ending: Ending | None = None


def present_push(effect: Mapping[str, Any]) -> RecordView:
    """A `netsuite.push`. NetSuite wraps sublists in `{"items": […]}`; both forms become tables."""
    record = {name: _unwrapped(value) for name, value in effect["record"].items()}
    return RecordView(
        title=f"NetSuite: {words.spaced(effect['record_type'])}",
        external_id=effect["external_id"],
        queue=effect["queue"],
        on_failure=words.spaced(effect["on_failure"]),
        id=str(effect.get("id", "")),
        known_change=str(show(effect["expected_modified"])) if effect.get("expected_modified") else "",
        fields=fields({name: value for name, value in record.items() if not is_table(value)}),
        lines=tuple(
            Lines(title=words.column(name), grid=grid([{k: _plain(v) for k, v in row.items()} for row in value]))
            for name, value in record.items()
            if is_table(value)
        ),
    )


def _unwrapped(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"items"}:
        return value["items"]
    return _plain(value)


def _plain(value: Any) -> Any:
    """A reference such as `{"id": "7"}` or `{"refName": "Net 30"}` is shown by its one value."""
    if isinstance(value, dict) and len(value) == 1 and not isinstance(next(iter(value.values())), dict | list):
        return value if "placeholder" in value else next(iter(value.values()))
    return value

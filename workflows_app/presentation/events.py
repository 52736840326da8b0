"""`event.record`: an event for the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from workflows_app.presentation.values import Field, fields


@dataclass(frozen=True, kw_only=True)
class EventView:
    """An event that other contracts may listen to."""

    template: ClassVar = "admin/countersign/effects/event.html"
    icon: ClassVar = "bolt"
    title: str
    key: str
    fields: tuple[Field, ...]


def present_event(effect: Mapping[str, Any]) -> EventView:
    """An `event.record`."""
    return EventView(
        title=f"Event: {effect['event_type']}", key=effect["idempotency_key"], fields=fields(effect["payload"])
    )

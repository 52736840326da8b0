"""Events from outside that may come twice: recorded once per key, and a key is never used for something else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from approvals.canonical import canonical
from workflows_app.models import Event
from workflows_app.triggers import events


class OtherContentError(Exception):
    """The key is known, for an event of another type or payload."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """The event of a key. `known`: it had been recorded before, with the same type and payload."""

    event_id: str
    known: bool


def receive(event_type: str, key: str, payload: Mapping[str, Any], *, own_key: bool = False) -> Received:
    """Record an event unless its key is known. `own_key`: as `events.emit` takes it.

    Raises `OtherContentError`, `events.ReservedEventError`, and `NotCanonicalError` for what cannot be stored.
    """
    with transaction.atomic():
        known = Event.objects.filter(idempotency_key=key).exists()
        event_id = events.emit(event_type, key, payload, own_key=own_key)
        # read back: of two who came at once, the first has recorded it.
        event = Event.objects.get(idempotency_key=key)
        if (event.event_type, event.payload) != (event_type, canonical(payload)):
            raise OtherContentError(f"the key {key} is known, for another event")
    return Received(event_id=event_id, known=known)

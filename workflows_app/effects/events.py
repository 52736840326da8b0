"""`event.record`: a row of the event ledger, once per idempotency key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from approvals.canonical import canonical
from workflows_app.contracts.trigger import reserved
from workflows_app.effects.context import ApplyContext
from workflows_app.effects.data import EventRecord
from workflows_app.effects.errors import permanent
from workflows_app.effects.identity import derive_id
from workflows_app.models import Event


def record(effect: EventRecord, context: ApplyContext) -> None:
    """Record an event that a contract declares. Raises `EffectError` for a type or key that it may not use."""
    why = reserved(effect["event_type"], effect["idempotency_key"])
    if why:
        raise permanent(why)
    record_event(
        effect["event_type"],
        effect["idempotency_key"],
        effect["payload"],
        now=context.now,
        run_id=context.run_id,
        causes=context.causes,
    )


def record_event(
    event_type: str, key: str, payload: Any, *, now: datetime, run_id: str = "", causes: Sequence[str] = ()
) -> str:
    """Record an event unless its key is known; its id either way, which is derived from the key."""
    event_id = derive_id("evt", key)
    Event.objects.bulk_create(
        [
            Event(
                id=event_id,
                event_type=event_type,
                idempotency_key=key,
                payload=canonical(payload),
                causes=canonical(list(causes)),
                run_id=run_id,
                recorded_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    return event_id

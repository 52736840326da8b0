"""The waits of production, shortened, so that what takes minutes there takes seconds here. Nothing else is different.

Short leases make it harder, not easier: a slow worker really loses its run to another one.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from workflows_app.contracts.schema import Retry
from workflows_app.delivery import email
from workflows_app.netsuite import client, known_change, push, push_queue, trouble

LEASE = timedelta(seconds=1)
_SOON = timedelta(seconds=1)
_AT_ONCE = Retry(max_attempts=3, backoff="none", base_ms=300, max_ms=300)
_PATIENT = Retry(max_attempts=20, backoff="none", base_ms=300, max_ms=300)


def shorten() -> None:
    """Shorten them in this process. `LEASE_SECONDS` of the environment is the lease of a run."""
    email.STALE_AFTER = LEASE
    known_change.GRACE = push.GRACE = trouble.PAUSE = _SOON
    push._ASK_AFTER = push._WAIT_FOR_ANOTHER = _SOON
    push_queue.RETRY, push_queue._PATIENCE = _AT_ONCE, _PATIENT
    push_queue.claim = _with_short_lease(push_queue.claim)
    client.slots = _with_short_slots(client.slots)


def _with_short_lease(claim: Callable[..., Any]) -> Callable[..., Any]:
    return lambda push_id, lease: claim(push_id, LEASE)


def _with_short_slots(slots: Callable[..., Any]) -> Callable[..., Any]:
    return lambda count, *, lease: slots(count, lease=LEASE)

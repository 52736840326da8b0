"""How many requests may be under way at once, over all processes and machines.

NetSuite counts concurrent requests of the whole account and refuses what is too many, so that ours are kept few by
rows with leases. Taking one is a conditional UPDATE: whoever changes the row has it.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

from approvals.clock import database_now
from workflows_app.models.ahead import NO_LEASE, nobody_has, somebody_has
from workflows_app.models.netsuite import NetSuiteSlot
from workflows_app.netsuite.errors import BusyError

Slots = Callable[[], AbstractContextManager[None]]
_PAUSE_SECONDS = 0.05


def slots(
    count: int, *, lease: timedelta, patience: float = 30.0, sleep: Callable[[float], None] = time.sleep
) -> Slots:
    """A context that holds one of `count` slots while a request is under way.

    `lease`: after this a holder is taken for dead. `patience`: seconds to wait for a free one; then `BusyError`.
    """

    @contextmanager
    def slot() -> Iterator[None]:
        owner = uuid.uuid4().hex
        number = _wait(count, owner, lease, patience, sleep)
        try:
            yield
        finally:
            NetSuiteSlot.objects.filter(pk=number, lease_owner=owner).update(**NO_LEASE)

    return slot


def _wait(count: int, owner: str, lease: timedelta, patience: float, sleep: Callable[[float], None]) -> int:
    deadline = time.monotonic() + patience
    while True:
        number = _take(count, owner, lease)
        if number is not None:
            return number
        if time.monotonic() >= deadline:
            raise BusyError(f"all {count} of our own NetSuite connections are in use")
        sleep(_PAUSE_SECONDS)


def _take(count: int, owner: str, lease: timedelta) -> int | None:
    """A slot that nobody holds, now ours; None when there is none."""
    now = database_now()
    known = {row.pk: row for row in NetSuiteSlot.objects.filter(pk__lt=count)}
    if len(known) < count:
        missing = [NetSuiteSlot(pk=number) for number in range(count) if number not in known]
        NetSuiteSlot.objects.bulk_create(missing, ignore_conflicts=True)
    for number in range(count):
        row = known.get(number)
        if row is not None and somebody_has(row.lease_until, now, lease):
            continue
        if NetSuiteSlot.objects.filter(nobody_has(now, lease), pk=number).update(
            lease_owner=owner, lease_until=now + lease
        ):
            return number
    return None

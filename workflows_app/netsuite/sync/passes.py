"""One pass: page after page, each committed before the next is asked for, until all is read or the time is up."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.db import DatabaseError, transaction

from approvals.clock import database_now
from workflows_app.models import SyncLog
from workflows_app.models.lock import hold_still
from workflows_app.netsuite import client as netsuite
from workflows_app.netsuite.aging import rebuild_aging
from workflows_app.netsuite.client import NetSuite
from workflows_app.netsuite.errors import NetSuiteError
from workflows_app.netsuite.sync import log
from workflows_app.netsuite.sync.kinds import ALERT_AFTER, COVERED_BY, HOT, stages
from workflows_app.netsuite.sync.skipping import Page
from workflows_app.netsuite.sync.stages import Stage, TooManyGoneError
from workflows_app.netsuite.sync.values import Reading, UnreadableError
from workflows_app.netsuite.sync.zone import AccountZone

Connect = Callable[[], AbstractContextManager[NetSuite]]
Report = Callable[[SyncLog], None]
_FAILURES = (NetSuiteError, UnreadableError, TooManyGoneError, DatabaseError)
_PATIENCE = 2  # with a slice and the longest timeouts still within what django-q allows a task


def _connect() -> NetSuite:
    return netsuite.connect(patience=_PATIENCE)


def run_pass(
    kind: str,
    *,
    seconds: float | None = None,
    accept_gone: bool = False,
    report: Report = lambda row: None,
    connect: Connect = _connect,
    clock: Callable[[], float] = time.monotonic,
) -> SyncLog | None:
    """Do a pass, or go on with one; its row of `sync_log`, or None when one is running or it may not begin yet.

    A status of `running` means that `seconds` were over: call again to go on. What NetSuite or the database refuses
    becomes a `failed` pass; anything else is a fault of ours, which is a `failed` pass too and then raised. `report` is
    called after each page.
    """
    row = log.begin(kind, database_now()) if may_begin(kind) else None
    if row is None:
        return None
    until = None if seconds is None else clock() + seconds
    orders = _Orders(accept_gone=accept_gone, report=report, clock=clock, until=until)
    spent = _Calls()
    try:
        with connect() as client:
            spent.client = client
            _work(row, client, spent, orders)
    except log.LostPassError:
        return None
    except Exception as error:
        log.fail(row, _words(error), database_now(), **spent.since(), alert_after=ALERT_AFTER[kind])
        if not isinstance(error, _FAILURES):
            raise
    return row


def _words(error: Exception) -> str:
    words = getattr(error, "message", "") or str(error)
    return words if isinstance(error, _FAILURES) else f"{type(error).__name__}: {words}"


def may_begin(kind: str) -> bool:
    """Whether there is something to go on from: changes of receivables say nothing before all was read once."""
    return kind != HOT or log.newest_cursor(COVERED_BY[HOT], database_now()) is not None


def _work(row: SyncLog, client: NetSuite, spent: "_Calls", orders: "_Orders") -> None:
    """Read what is left; a page that is committed stays committed, whatever comes after."""
    zone = AccountZone.configured()
    if row.window_to is None:
        until = client.server_time()
        log.open_window(row, log.newest_cursor(COVERED_BY.get(row.sync_type, ()), until), until)
    for stage, after in _left(row, stages(row.sync_type, row.window_from, zone, accept_gone=orders.accept_gone)):
        for page in stage.read(client, after):
            _commit(row, stage, page, Reading(zone=zone, now=database_now()), spent)
            orders.report(row)
            if orders.is_over():
                log.set_aside(row)
                return
    _finish(row, zone)


def _left(row: SyncLog, parts: Sequence[Stage]) -> Iterator[tuple[Stage, str]]:
    """The parts that are not committed yet, each with the key to go on after."""
    names = [part.name for part in parts]
    first = names.index(row.stage) if row.stage in names else 0
    for number, part in enumerate(parts[first:]):
        yield part, row.after if number == 0 and row.stage in names else ""


def _commit(row: SyncLog, stage: Stage, page: Page, reading: Reading, spent: "_Calls") -> None:
    """Write a page and where the pass stands now: both, or neither."""
    with transaction.atomic():
        hold_still()
        counts = stage.write(page, reading)
        position = log.Position(stage=stage.name, after=page.last)
        log.page_done(row, position, counts, reading.now, **spent.since())


def _finish(row: SyncLog, zone: AccountZone) -> None:
    """Age the receivables anew, and let the cursor move on."""
    with transaction.atomic():
        hold_still()
        now = database_now()
        rebuild_aging(zone.today(now))
        log.complete(row, now)


@dataclass(frozen=True, kw_only=True)
class _Orders:
    """How a pass is to be done."""

    accept_gone: bool
    report: Report
    clock: Callable[[], float]
    until: float | None

    def is_over(self) -> bool:
        """Whether it has worked long enough."""
        return self.until is not None and self.clock() >= self.until


class _Calls:
    """How many calls were made since they were last written down."""

    def __init__(self) -> None:
        self.client: NetSuite | None = None
        self._calls = self._busy = 0

    def since(self) -> dict[str, int]:
        """The calls and the busy answers since the last time."""
        if self.client is None:
            return {"calls": 0, "busy": 0}
        calls, busy = self.client.calls - self._calls, self.client.busy - self._busy
        self._calls, self._busy = self.client.calls, self.client.busy
        return {"calls": calls, "busy": busy}

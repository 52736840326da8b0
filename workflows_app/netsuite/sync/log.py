"""`sync_log`: which pass may run, how far it is, and how it ended. The only writer of that table.

A pass belongs to whoever holds its lease, and a page counts only when it was committed under that lease: a pass that
was taken for dead and went on all the same is told so and its page is undone.
"""

import os
import socket
import uuid
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max, QuerySet

from workflows_app.models import Alert, SyncLog
from workflows_app.models.ahead import AHEAD, NO_LEASE, ahead, somebody_has
from workflows_app.netsuite.sync.write import Counts

LEASE = timedelta(minutes=10)
_GOES_ON_WITHIN = timedelta(hours=12)


class LostPassError(Exception):
    """The lease ran out and another pass has gone on from here; what was not committed is not."""


@dataclass(frozen=True, kw_only=True)
class Position:
    """What is committed: everything before `stage`, and of `stage` everything up to the key `after`."""

    stage: str
    after: str


def begin(kind: str, now: datetime) -> SyncLog | None:
    """The pass to work on: one that was set aside, a new one that goes on where one stopped, or a fresh one.

    None when a pass of this kind is running.
    """
    try:
        with transaction.atomic():
            return _begin(kind, now)
    except IntegrityError:
        return None  # somebody else was faster: one running pass of a kind at most


def _begin(kind: str, now: datetime) -> SyncLog | None:
    lease = {"lease_owner": _owner(), "lease_until": now + LEASE}
    passes = SyncLog.objects.filter(sync_type=kind)
    running = passes.filter(status="running").first()
    if running is not None:
        if somebody_has(running.lease_until, now, LEASE):
            return None
        mine = passes.filter(pk=running.pk, status="running", lease_owner=running.lease_owner)
        if not running.lease_owner:
            return SyncLog.objects.get(pk=running.pk) if mine.update(**lease) else None
        words = "It stopped without a word; the next pass goes on after its last page."
        if not mine.update(status="interrupted", error=words, **NO_LEASE):
            return None
    return SyncLog.objects.create(
        sync_type=kind, status="running", started_at=now, progress_at=now, **lease, **_unfinished(kind, now)
    )


def _unfinished(kind: str, now: datetime) -> dict[str, Any]:
    """Where the last pass stopped, if it did so today.

    A pass that goes on keeps the window: what changed since then is in the window of the pass after it. One that failed
    yesterday is not gone on with, so that a part which always fails does not keep the parts before it from being read.
    """
    last = _latest(kind, now).first()
    if last is None or last.status not in ("failed", "interrupted") or last.window_to is None:
        return {}
    if not now - _GOES_ON_WITHIN <= last.window_to <= now + AHEAD:
        return {}
    return {name: getattr(last, name) for name in ("window_from", "window_to", "stage", "after")}


def _latest(kind: str, now: datetime) -> QuerySet[SyncLog]:
    """The passes of a kind, the latest first; not those that a clock ahead of ours has put before all others."""
    passes = SyncLog.objects.filter(sync_type=kind).exclude(ahead("started_at", now))
    return passes.order_by("-started_at", "-pk")


def newest_cursor(kinds: Collection[str], now: datetime) -> datetime | None:
    """Up to when passes of these kinds have read everything; None when none has.

    A pass whose clock, NetSuite's or ours, was ahead has not read what changed since.
    """
    done = SyncLog.objects.filter(sync_type__in=kinds, status="completed").exclude(ahead("window_to", now))
    found: datetime | None = done.aggregate(newest=Max("window_to"))["newest"]
    return found


def open_window(row: SyncLog, since: datetime | None, until: datetime) -> None:
    """Set what the pass reads: changes since a moment, and the cursor that it leaves behind."""
    _change(row, window_from=since, window_to=until)


def page_done(row: SyncLog, position: Position, counts: Counts, now: datetime, *, calls: int, busy: int) -> None:
    """Count a page, in the transaction that writes it. Raises `LostPassError`."""
    named = f"{len(counts.skipped)} left out: {', '.join(counts.skipped)}."
    skipped = {"error": f"{row.error} {named}".lstrip()} if counts.skipped else {}
    _change(
        row,
        **skipped,
        stage=position.stage,
        after=position.after,
        pages=F("pages") + 1,
        rows_read=F("rows_read") + counts.read,
        rows_upserted=F("rows_upserted") + counts.upserted,
        rows_deleted=F("rows_deleted") + counts.deleted,
        http_calls=F("http_calls") + calls,
        retries_429=F("retries_429") + busy,
        progress_at=now,
        lease_until=now + LEASE,
    )


def set_aside(row: SyncLog) -> None:
    """Let anybody go on with the pass: it has worked long enough for one task."""
    _change(row, **NO_LEASE)


def complete(row: SyncLog, now: datetime) -> None:
    """Everything was read: the cursor moves on. Ends an alert about this kind."""
    _change(row, status="completed", completed_at=now, progress_at=now, stage="", after="", **NO_LEASE)
    Alert.objects.keyed(_alert_key(row)).resolve(now)


def fail(row: SyncLog, error: str, now: datetime, *, calls: int, busy: int, alert_after: int) -> None:
    """It could not go on; the next pass tries again from here. So many failures in a row are an alert."""
    spent = {"http_calls": F("http_calls") + calls, "retries_429": F("retries_429") + busy}
    with transaction.atomic(), suppress(LostPassError):
        _change(row, status="failed", error=error, progress_at=now, **spent, **NO_LEASE)
        ends = list(_latest(row.sync_type, now).values_list("status", flat=True)[:alert_after])
        if ends == ["failed"] * alert_after:
            times = f" {alert_after} times in a row" if alert_after > 1 else ""
            message = f"Reading from NetSuite ({row.sync_type}) has failed{times}: {error}"
            Alert.objects.raise_alert(_alert_key(row), kind="sync_failed", message=message, now=now)


def _change(row: SyncLog, **values: Any) -> None:
    mine = SyncLog.objects.filter(pk=row.pk, status="running", lease_owner=row.lease_owner)
    if not mine.update(**values):
        raise LostPassError(f"pass {row.pk} of {row.sync_type} was taken for dead")
    owner = row.lease_owner
    row.refresh_from_db()
    row.lease_owner = owner


def _alert_key(row: SyncLog) -> str:
    return f"sync:{row.sync_type}"


def _owner() -> str:
    """This pass: host, process, and a number that no other attempt has."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

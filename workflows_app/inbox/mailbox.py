"""Read what is new in the mailbox: one reader at a time, oldest first, so many at a time.

What was read is remembered by the mailbox's own numbers (UIDVALIDITY and UID), in the transaction that stores the
message. When the server numbers anew, what has come since the last reading is read again, and known by its Message-ID.
"""

import logging
import os
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from approvals.clock import database_now
from approvals.passing import PASSING
from workflows_app.inbox import imap
from workflows_app.inbox.imap import Address, Found, Mailbox, MailboxError, RefusedMessageError
from workflows_app.inbox.intake import Origin, Taken, keep_unread, take_in
from workflows_app.inbox.parse import UnreadableMailError
from workflows_app.models import Alert, MailboxPosition
from workflows_app.models.ahead import NO_LEASE, nobody_has

_LOG = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=5)
ALERT_AFTER: Final = 3
# What lay in the mailbox before the first reading is old; a server that numbers anew tells days, not hours.
_LOOK_BACK: Final = timedelta(days=2)
_MOST_MESSAGES: Final = 50
_MOST_SECONDS: Final = 60.0
# A server that refuses a login too often locks the account.
_REST: Final = timedelta(minutes=1)
_MOST_RESTS: Final = 8


class LostMailboxError(Exception):
    """The lease ran out and somebody else reads; what was not committed is not."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a reading brought. `more`: whether there is more to read. `error`: why it ended, or empty."""

    mailbox: str
    taken: tuple[Taken, ...] = ()
    more: bool = False
    error: str = ""


def configured() -> bool:
    """Whether there is a mailbox to read."""
    return bool(settings.INBOUND_IMAP_URL)


def poll(*, by_hand: bool = False, clock: Callable[[], float] = time.monotonic) -> Reading | None:
    """Read what is new; None when there is no mailbox, somebody reads it now, or it is left alone after a failure.

    `by_hand`: does not wait after a failure. Never raises for the server's sake.
    """
    if not configured():
        return None
    try:
        where = imap.address(settings.INBOUND_IMAP_URL)
    except MailboxError as error:
        _alert("mailbox", str(error))
        return Reading(mailbox="", error=str(error))
    position = _claim(where.name, database_now(), by_hand=by_hand)
    return _read(where, position, clock) if position else None


def _read(where: Address, position: MailboxPosition, clock: Callable[[], float]) -> Reading:
    taken: list[Taken] = []
    try:
        with imap.opened(where) as mailbox:
            more = _take_all(mailbox, position, taken, clock)
    except MailboxError as error:
        _failed(position, str(error), database_now())
        return Reading(mailbox=where.name, taken=tuple(taken), error=str(error))
    except LostMailboxError:
        return Reading(mailbox=where.name, taken=tuple(taken))
    finally:
        _mine(position).update(**NO_LEASE)
    return Reading(mailbox=where.name, taken=tuple(taken), more=more)


def _take_all(mailbox: Mailbox, position: MailboxPosition, taken: list[Taken], clock: Callable[[], float]) -> bool:
    """Take in one message after the other; whether some are left."""
    after, since = _from_where(mailbox, position)
    uids = mailbox.uids(after=after, since=since)
    until = clock() + _MOST_SECONDS
    for number, uid in enumerate(uids):
        if number >= _MOST_MESSAGES or clock() >= until:
            return True
        taken += _read_one(mailbox, position, uid)
    last = max([mailbox.uid_next - 1, after, *uids[-1:]])
    _change(position, uid_validity=mailbox.uid_validity, last_uid=last, polled_at=database_now(), **_WELL)
    Alert.objects.keyed(f"mailbox:{position.pk}", "mailbox").resolve(database_now())
    return False


_WELL: Final = {"failures": 0, "last_error": ""}


def _from_where(mailbox: Mailbox, position: MailboxPosition) -> tuple[int, date | None]:
    """The number after which to read, and the day since when, if the numbers say nothing."""
    if position.uid_validity == mailbox.uid_validity:
        return position.last_uid, None
    return 0, ((position.polled_at or database_now()) - _LOOK_BACK).date()


def _read_one(mailbox: Mailbox, position: MailboxPosition, uid: int) -> list[Taken]:
    """Take in one message. One that the server does not hand out ends the reading twice, for that may pass; after
    that it is left to a person, for some servers never hand out a damaged one.
    """
    origin = Origin(mailbox=position.pk, uid_validity=mailbox.uid_validity, uid=uid)
    try:
        found = mailbox.read(uid)
    except RefusedMessageError as error:
        if position.failures + 1 < ALERT_AFTER:
            raise
        now = database_now()
        _leave(position, origin, now, str(error))
        _keep_unread(f"{position.pk} {mailbox.uid_validity} {uid}".encode(), origin, now, str(error))
        return []
    return _take(found, position, origin)


def _take(found: Found | None, position: MailboxPosition, origin: Origin) -> list[Taken]:
    """Store a message and remember its number: both, or neither. One that cannot be taken in stops no other."""
    now = database_now()
    received_at = min((found and found.arrived) or now, now)
    try:
        with transaction.atomic():
            _pass(position, origin, now)
            if found is None:
                return []  # somebody deleted it meanwhile
            return [take_in(found.raw, origin=origin, received_at=received_at)]
    except (*PASSING, LostMailboxError):
        raise  # it is read again
    except UnreadableMailError as error:
        _leave(position, origin, now, str(error))
    except Exception as error:  # noqa: BLE001 - one message must not keep all later ones from being read
        reason = f"It cannot be taken in ({type(error).__name__})."
        _leave(position, origin, now, reason)
        _keep_unread(found.raw if found else b"", origin, received_at, reason)
    return []


def _pass(position: MailboxPosition, origin: Origin, now: datetime) -> None:
    _change(position, uid_validity=origin.uid_validity, last_uid=origin.uid, lease_until=now + LEASE)


def _leave(position: MailboxPosition, origin: Origin, now: datetime, reason: str) -> None:
    """Go on behind a message, with an alert."""
    with transaction.atomic():
        _pass(position, origin, now)
        where = f"Message {origin.uid} of {position.pk}"
        _alert(f"message:{position.pk}:{origin.uid}", f"{where} was left: {reason} Read it there.")


def _keep_unread(raw: bytes, origin: Origin, received_at: datetime, reason: str) -> None:
    """Let it stand in the list of mail too, if the database takes that much; the alert stands already."""
    try:
        with transaction.atomic():
            keep_unread(raw, origin=origin, received_at=received_at, trouble=reason)
    except PASSING:
        raise
    except Exception:  # noqa: BLE001 - what stored nothing of it was told above
        _LOG.exception("Nothing can be stored of message %s of %s", origin.uid, origin.mailbox)


def _claim(name: str, now: datetime, *, by_hand: bool) -> MailboxPosition | None:
    """The mailbox's row, now ours; None when somebody reads it, or it is too soon after a failure."""
    MailboxPosition.objects.bulk_create([MailboxPosition(name=name)], ignore_conflicts=True)
    owner = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    idle = nobody_has(now, LEASE) | Q(lease_owner="") if by_hand else nobody_has(now, LEASE)
    free = MailboxPosition.objects.filter(idle, pk=name)
    return MailboxPosition.objects.get(pk=name) if free.update(lease_owner=owner, lease_until=now + LEASE) else None


def _mine(position: MailboxPosition) -> QuerySet[MailboxPosition]:
    return MailboxPosition.objects.filter(pk=position.pk, lease_owner=position.lease_owner)


def _change(position: MailboxPosition, **values: object) -> None:
    if not _mine(position).update(**values):
        raise LostMailboxError(position.pk)


def _failed(position: MailboxPosition, error: str, now: datetime) -> None:
    """Count it, and leave the server alone for minutes; so many in a row are an alert. What was stored stays stored."""
    times = position.failures + 1
    rest = {"lease_owner": "", "lease_until": now + min(times - 1, _MOST_RESTS) * _REST}
    if _mine(position).update(failures=times, last_error=error, **rest) and times >= ALERT_AFTER:
        _alert(f"mailbox:{position.pk}", f"The mailbox {position.pk} could not be read {times} times in a row: {error}")


def _alert(key: str, message: str) -> None:
    Alert.objects.raise_alert(key, kind="mailbox_failed", message=message, now=database_now())

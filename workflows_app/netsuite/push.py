"""Push confirmation: brings approved records to NetSuite, each exactly once, and copies back what NetSuite confirmed.

One push: refuse what was not approved → ask NetSuite, when the record may be there already → send (upsert by external
id, or change by internal id) → ask again and compare → `applied`. A request without an answer is never repeated
blindly: NetSuite is asked what became of it, and sending again converges on the same record (NETSUITE.md section 5).
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError

from approvals.clock import database_now
from workflows_app.models import Hold, PendingPush
from workflows_app.netsuite import approved_push, push_queue, trouble
from workflows_app.netsuite.client import NetSuite, Record, connect
from workflows_app.netsuite.comparison import differences
from workflows_app.netsuite.errors import (
    BusyError,
    LoginRefusedError,
    NetSuiteError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionRefusedError,
    RefusedError,
    SettingsError,
    UnreachableError,
)
from workflows_app.netsuite.known_change import GRACE, arrived_as, is_foreign
from workflows_app.netsuite.mirrors import mirror_row, ns_id_of
from workflows_app.netsuite.moments import last_modified
from workflows_app.netsuite.payloads import UnresolvedError, sublists, wire
from workflows_app.netsuite.push_queue import Claim

logger = logging.getLogger(__name__)
_ASK_AFTER = timedelta(seconds=5)
_WAIT_FOR_ANOTHER = timedelta(seconds=20)
# A pass ends in time for the worker that makes it; the next one goes on.
_PASS_SECONDS = 60.0
_DRAIN_SECONDS = 120.0
_ALERT_AFTER_WAITS = 3


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What one pass made of the pushes that it tried, by their status afterwards."""

    applied: int = 0
    pending: int = 0
    retrying: int = 0
    outcome_unknown: int = 0
    conflict: int = 0
    dead: int = 0


def deliver_pushes(limit: int = 200, *, connection: Callable[[], NetSuite] = connect) -> Counts:
    """Try each push that is due once, oldest first; stop when NetSuite takes nothing or everything is held."""
    now = database_now()
    push_queue.reap(now)
    due = list(push_queue.next_in_turn(now).values_list("pk", flat=True)[:limit])
    if not due or Hold.objects.filter(pk=1, on=True).exists() or trouble.paused(trouble.LOGIN, now):
        return Counts()
    try:
        with connection() as netsuite:
            return _pass(netsuite, due)
    except SettingsError as error:
        trouble.report(trouble.LOGIN, error.message)
        return Counts()


def drain_pushes(*, seconds: float = _DRAIN_SECONDS) -> Counts:
    """Pass after pass, as long as something arrives: what waited for a record goes right after it."""
    total: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while True:
        counts = deliver_pushes()
        total.update(asdict(counts))
        if not counts.applied or time.monotonic() > end:
            return Counts(**total)


def _pass(netsuite: NetSuite, due: list[str]) -> Counts:
    counts: Counter[str] = Counter()
    end = time.monotonic() + _PASS_SECONDS
    for push_id in due:
        claim = _claim(push_id, netsuite)
        if claim is None:
            continue
        goes_on = deliver(netsuite, claim)
        counts[PendingPush.objects.values_list("status", flat=True).get(pk=push_id)] += 1
        if not goes_on or time.monotonic() > end:
            break
    counts.pop("in_flight", None)
    return Counts(**counts)


def _claim(push_id: str, netsuite: NetSuite) -> Claim | None:
    """The push, unless its record type waits for a permission. The lease outlasts three slow requests."""
    record_type = PendingPush.objects.values_list("record_type", flat=True).get(pk=push_id)
    if trouble.paused(trouble.permission(record_type), database_now()):
        return None
    return push_queue.claim(push_id, timedelta(seconds=4 * netsuite.account.timeout + settings.LEASE_SECONDS))


def deliver(netsuite: NetSuite, claim: Claim) -> bool:
    """Bring one claimed push as far as it goes now; whether it makes sense to go on with others."""
    try:
        return _deliver(netsuite, claim)
    except Exception as error:  # one push that breaks us must not keep the others from leaving
        logger.exception("the push %s broke off", claim.push.pk)
        push_queue.broken(claim, f"it broke off here: {type(error).__name__}: {error}")
        return True


def _deliver(netsuite: NetSuite, claim: Claim) -> bool:
    reason = approved_push.refusal(claim.push)
    if reason:
        push_queue.refused_here(claim, reason)
        return True
    try:
        body = wire(_record(claim.push), ns_id_of)
        _Delivery(netsuite, claim, body).run()
    except UnresolvedError as error:
        push_queue.put_off(claim, str(error), delay=_WAIT_FOR_ANOTHER)
    except ValueError as error:  # a text that must be a number, a record type that is no name: nothing was sent
        push_queue.failed(claim, str(error), hopeless=True)
    except IntegrityError:
        push_queue.conflict(claim, "another of our rows has this NetSuite id already; one of the two is a double")
    except NetSuiteError as error:
        return _stopped(claim, error)
    return True


class _Delivery:
    """One push on its way; errors that stop the whole pass are raised with the push put back before."""

    def __init__(self, netsuite: NetSuite, claim: Claim, body: Record) -> None:
        self.netsuite = netsuite
        self.claim = claim
        self.push = claim.push
        self.body = body
        row = mirror_row(self.push.record_type, self.push.external_id)
        self.ns_id = (row.ns_id if row else None) or arrived_as(self.push)
        self.ref = self.ns_id or f"eid:{self.push.external_id}"

    def run(self) -> None:
        """Ask, send, ask."""
        push = self.push
        maybe_there = self.ns_id or push.sent_at or push.expected_modified or self.claim.before == "outcome_unknown"
        if maybe_there and not self._must_be_sent():
            return
        if not push_queue.sending(self.claim):
            push_queue.put_off(self.claim, "everything was put on hold", delay=timedelta(seconds=1))
        elif self._send():
            self._confirm()

    def _must_be_sent(self) -> bool:
        """Ask what NetSuite has. False: it is settled, or must wait."""
        found = self._ask()
        if found is None:
            return self._absent()
        different = differences(self.body, found)
        if not different:
            self._applied(found)
            return False
        if is_foreign(self.push, self.body, found, ns_id=self.ns_id):
            words = f"it was changed in NetSuite on {last_modified(found)} since the plan: {'; '.join(different)}"
            push_queue.conflict(self.claim, words)
            return False
        return push_queue.once_more(self.claim, f"NetSuite has other values: {'; '.join(different)}")

    def _absent(self) -> bool:
        if self.ns_id:
            push_queue.conflict(self.claim, f"NetSuite has no {self.push.record_type} {self.ns_id} any more")
            return False
        sent_at = self.push.sent_at if self.claim.before == "outcome_unknown" else None
        arrives_until = sent_at + GRACE if sent_at else None
        now = database_now()
        if arrives_until is not None and now < arrives_until:
            reason = self.push.last_error or "it may still arrive"
            push_queue.unknown(self.claim, reason, after=arrives_until - now, counts=False, answer=self.push.answer)
            return False
        return push_queue.once_more(self.claim, self.push.last_error or "it did not arrive")

    def _ask(self) -> Record | None:
        """The record with its lines; None when there is none."""
        try:
            return self.netsuite.get(self.push.record_type, self.ref, expand=True)
        except NotFoundError:
            return None

    def _send(self) -> bool:
        """Whether NetSuite said yes; what else it said is recorded."""
        lines = sublists(self.body)
        try:
            if self.ns_id:
                self.netsuite.update(self.push.record_type, self.ns_id, self.body, replace=lines)
            else:
                self.netsuite.upsert(self.push.record_type, self.push.external_id, self.body, replace=lines)
        except OutcomeUnknownError as error:
            push_queue.unknown(self.claim, error.message, after=_ASK_AFTER, counts=True, answer=error.body)
        except RefusedError as error:
            push_queue.failed(self.claim, error.message, hopeless=error.hopeless, answer=error.body)
        except NotFoundError as error:
            push_queue.failed(self.claim, error.message, answer=error.body)
        else:
            return True
        return False

    def _confirm(self) -> None:
        """Only what NetSuite shows is applied, whatever it answered before."""
        try:
            found = self._ask()
        except NetSuiteError as error:
            push_queue.unknown(self.claim, error.message, after=_ASK_AFTER, counts=False, answer=error.body)
            raise
        if found is None:
            push_queue.unknown(self.claim, "NetSuite said yes and has no such record", after=_ASK_AFTER, counts=True)
            return
        different = differences(self.body, found)
        if different:
            push_queue.failed(self.claim, f"NetSuite has other values: {'; '.join(different)}")
        else:
            self._applied(found)

    def _applied(self, found: Record) -> None:
        ns_id = str(found.get("id") or self.ns_id)
        if push_queue.applied(self.claim, ns_id=ns_id, modified=last_modified(found)):
            trouble.over(trouble.LOGIN, trouble.AWAY, trouble.permission(self.push.record_type))


def _stopped(claim: Claim, error: NetSuiteError) -> bool:
    """Not the fault of the record: it waits, and nothing is counted. Whether others may go on."""
    push_queue.put_off(claim, error.message, answer=error.body)
    if isinstance(error, LoginRefusedError | SettingsError):
        trouble.report(trouble.LOGIN, f"All pushes to NetSuite wait: {error.message}")
    elif isinstance(error, PermissionRefusedError):
        record_type = claim.push.record_type
        trouble.report(trouble.permission(record_type), f"Pushes of {record_type} wait: {error.message}")
        return True
    elif claim.push.waits >= _ALERT_AFTER_WAITS:
        trouble.report(trouble.AWAY, f"Pushes to NetSuite wait: {error.message}")
    return not isinstance(error, LoginRefusedError | SettingsError | BusyError | UnreachableError)


def _record(push: PendingPush) -> Record:
    found = push_queue.payload(push)
    if not isinstance(found, dict):
        raise ValueError("the payload is no record")
    return found

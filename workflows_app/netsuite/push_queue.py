"""The rows of the push queue and how their status changes; the only place that changes it.

A push goes `pending → in_flight → applied`, or from `in_flight` to

- `retrying`: it failed, the failure counted, it is tried again later;
- `outcome_unknown`: it may have happened; NetSuite is asked before anything is sent again;
- `conflict`: the record was changed in NetSuite since the plan; a person decides;
- `dead`: it failed for good; a person may try it again;
- the status it had before: put off, nothing counted.

The claim is committed before NetSuite hears of the record, and every change after it asks for that very claim: a
worker that comes back late changes nothing.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from approvals.canonical import parse
from approvals.clock import database_now
from approvals.models import Outcome
from approvals.services import advance_outcome
from workflows_app.contracts.retry import next_delay
from workflows_app.contracts.schema import Retry
from workflows_app.models import Alert, Hold, PendingPush
from workflows_app.models.ahead import NO_LEASE, nobody_has
from workflows_app.models.lock import hold_still
from workflows_app.netsuite import mirrors, trouble
from workflows_app.netsuite.errors import storable
from workflows_app.netsuite.payloads import UnresolvedError

WAITING = ("pending", "retrying", "outcome_unknown")
UNFINISHED = (*WAITING, "in_flight")
# The condition of the indexes of what is unfinished. SQLite knows an index by the very same condition only.
NOT_APPLIED = ~Q(status="applied")
_LONGEST_LEASE = timedelta(hours=1)  # longer than any that `push.py` asks for
# `retry_3_then_alert`: two further attempts, half a minute and a minute later.
RETRY = Retry(max_attempts=3, backoff="exponential", base_ms=30_000, max_ms=900_000)
# Put off without counting: from five seconds up to five minutes, for as long as it takes.
_PATIENCE = Retry(max_attempts=20, backoff="exponential", base_ms=5_000, max_ms=300_000)
_MOST_DOUBLINGS = 10
# What waits for longer is an alert, whatever it waits for.
_LONG_WAIT = timedelta(hours=1)
_LONG_WAITS = 3
_LONGEST_ERROR = 2_000

Ref = str | datetime | OuterRef
_HELD = Hold.objects.filter(pk=1, on=True)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A push that this worker has now, and the status from which it took it."""

    push: PendingPush
    owner: str
    before: str

    def rows(self) -> QuerySet[PendingPush]:
        """The row, as long as it is ours."""
        return PendingPush.objects.filter(pk=self.push.pk, status="in_flight", lease_owner=self.owner)


def ready(now: datetime) -> QuerySet[PendingPush]:
    """What can be tried now, oldest first."""
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    return PendingPush.objects.filter(due, NOT_APPLIED, status__in=WAITING).order_by("created_at", "id")


def next_in_turn(now: datetime) -> QuerySet[PendingPush]:
    """What can be tried now and can be claimed: no record type that is paused, of each record only its oldest push.

    Else what cannot be claimed would fill every pass, and nothing behind it would ever leave.
    """
    record = (OuterRef("record_type"), OuterRef("external_id"))
    older = _older(*record, created_at=OuterRef("created_at"), push_id=OuterRef("pk"))
    return ready(now).filter(~Exists(older)).exclude(record_type__in=trouble.paused_types(now))


def claim(push_id: str, lease: timedelta) -> Claim | None:
    """Make a push ours, committed before anything leaves; None when it is not its turn.

    Not while everything is held, nor while an older push of the same record is unfinished, nor when another has it.
    """
    owner = uuid.uuid4().hex
    try:
        with transaction.atomic(durable=True):
            push = _locked(push_id)
            if push is None:
                return None
            before, now = push.status, database_now()
            older = _older(push.record_type, push.external_id, created_at=push.created_at, push_id=push.pk)
            turn = ready(now).filter(~Exists(_HELD), ~Exists(older), pk=push.pk, status=before)
            if not turn.update(status="in_flight", lease_owner=owner, lease_until=now + lease):
                return None
    except IntegrityError:  # another push of this record is in flight
        return None
    push = PendingPush.objects.select_related("proposal").get(pk=push_id)
    return Claim(push=push, owner=owner, before=before)


def reap(now: datetime) -> int:
    """Take back pushes whose worker died: what became of them is not known. How many."""
    dead = PendingPush.objects.filter(nobody_has(now, _LONGEST_LEASE), status="in_flight")
    return dead.update(
        status="outcome_unknown",
        **NO_LEASE,
        next_attempt_at=None,
        last_error="the worker stopped while the record was on its way",
    )


def sending(claim: Claim) -> bool:
    """Record, before it is sent, that it is; False when it is not ours any more or everything is held."""
    now = database_now()
    return bool(claim.rows().filter(~Exists(_HELD)).update(sent_at=now))


def put_off(claim: Claim, reason: str, *, delay: timedelta | None = None, answer: str = "") -> None:
    """Wait, nothing counted: growing, jittered pauses unless `delay` says how long."""
    push, waits, now = claim.push, claim.push.waits + 1, database_now()
    pause = delay or next_delay(_PATIENCE, min(waits, _MOST_DOUBLINGS), place=f"{push.pk}/{waits}")
    _leave(claim, claim.before, reason, after=pause, answer=answer, waits=waits)
    if waits >= _LONG_WAITS and now - push.created_at > _LONG_WAIT:
        _alert(push, "push_waiting", f"The {push.record_type} {push.external_id} still waits: {reason[:500]}")


def unknown(claim: Claim, reason: str, *, after: timedelta, counts: bool, answer: str = "") -> None:
    """It may have happened; NetSuite is asked after a while. `counts`: it was sent and no yes came back."""
    attempts = claim.push.attempts + counts
    _leave(claim, "outcome_unknown", reason, after=after, answer=answer, attempts=attempts, waits=0)


def broken(claim: Claim, reason: str) -> None:
    """An error of ours, with an alert at once: it may have been sent; NetSuite is asked later, and dead in the end."""
    push, attempts = claim.push, claim.push.attempts + 1
    delay = next_delay(RETRY, attempts, place=push.pk)
    if delay is None:
        _over(claim, "dead", reason, attempts=attempts)
    else:
        unknown(claim, reason, after=delay, counts=True)
        _alert(push, "push_broken", f"The {push.record_type} {push.external_id} did not get through: {reason[:500]}")


def failed(claim: Claim, reason: str, *, hopeless: bool = False, answer: str = "") -> None:
    """A failure that counts: tried again later, or dead after the last attempt or when trying again cannot help."""
    attempts = claim.push.attempts + 1
    delay = None if hopeless else next_delay(RETRY, attempts, place=claim.push.pk)
    if delay is None:
        _over(claim, "dead", reason, attempts=attempts, answer=answer)
    else:
        _leave(claim, "retrying", reason, after=delay, answer=answer, attempts=attempts, waits=0)


def once_more(claim: Claim, reason: str) -> bool:
    """It is known by now that it did not happen; False when that was the last attempt, and the push is dead."""
    if claim.push.attempts >= RETRY.max_attempts:
        _over(claim, "dead", reason)
        return False
    return True


def refused_here(claim: Claim, reason: str) -> None:
    """Not what was approved: never sent."""
    _over(claim, "dead", f"not sent: {reason}")


def conflict(claim: Claim, reason: str, *, answer: str = "") -> None:
    """Somebody else changed the record in NetSuite: not overwritten."""
    _over(claim, "conflict", reason, answer=answer)


def applied(claim: Claim, *, ns_id: str, modified: datetime | None) -> bool:
    """NetSuite confirmed the record: the push and our row that copies it change together. False when not ours."""
    push = claim.push
    with transaction.atomic():
        hold_still()  # appliers compare our rows with what they read
        now = database_now()
        facts = {"ns_id": ns_id, "confirmed_at": now, "confirmed_modified": modified, "sent_at": push.sent_at or now}
        if not _change(claim, "applied", **facts, last_error="", answer="", next_attempt_at=None):
            return False
        mirrors.confirm(push.record_type, push.external_id, ns_id=ns_id, modified=modified)
        same = PendingPush.objects.filter(record_type=push.record_type, external_id=push.external_id)
        Alert.objects.keyed(*map(alert_key, same.only("id"))).resolve(now)
        waiting = PendingPush.objects.filter(NOT_APPLIED, status__in=WAITING)
        waiting.filter(last_error=str(UnresolvedError(push.external_id))).update(next_attempt_at=None)
        if not PendingPush.objects.filter(proposal=push.proposal_id).exclude(status="applied").exists():
            advance_outcome(push.proposal_id, Outcome.CONFIRMED)
    return True


def payload(push: PendingPush) -> Any:
    """The approved record."""
    return parse(push.payload)


def alert_key(push: PendingPush) -> str:
    """One alert per push."""
    return f"push:{push.pk}"


def _locked(push_id: str) -> PendingPush | None:
    """The row, locked where the database can; None when another worker has it right now."""
    rows = PendingPush.objects.filter(pk=push_id)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    return rows.first()


def _older(record_type: Ref, external_id: Ref, *, created_at: Ref, push_id: Ref) -> QuerySet[PendingPush]:
    """Unfinished pushes of the same record that go first."""
    unfinished = PendingPush.objects.filter(NOT_APPLIED, status__in=UNFINISHED)
    same = unfinished.filter(record_type=record_type, external_id=external_id)
    # Not by an OR: SQLite would look for each side of it among the pushes of all records.
    return same.filter(~Q(created_at=created_at, id__gte=push_id), created_at__lte=created_at)


def _leave(claim: Claim, status: str, reason: str, *, after: timedelta | None, **facts: Any) -> None:
    due = database_now() + (after or timedelta())
    _change(claim, status, last_error=reason[:_LONGEST_ERROR], next_attempt_at=due, **facts)


def _over(claim: Claim, status: str, reason: str, **facts: Any) -> None:
    """The end, unless a person does something; with an alert."""
    push = claim.push
    with transaction.atomic():
        if _change(claim, status, last_error=reason[:_LONGEST_ERROR], next_attempt_at=None, **facts):
            what = f"The {push.record_type} {push.external_id} is not in NetSuite as approved"
            _alert(push, f"push_{status}", f"{what}: {reason[:500]}")


def _alert(push: PendingPush, kind: str, message: str) -> None:
    message = storable(message)
    Alert.objects.raise_alert(alert_key(push), kind=kind, message=message, now=database_now(), run_id=push.run_id)


def _change(claim: Claim, status: str, **facts: Any) -> bool:
    facts = {name: storable(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
    return bool(claim.rows().update(status=status, **NO_LEASE, **facts))

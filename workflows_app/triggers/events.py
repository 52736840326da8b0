"""Events and approvals start runs: at most one run per event and contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Min, Q, QuerySet

from approvals.canonical import parse
from approvals.clock import database_now
from approvals.models import ProposedAction
from approvals.principals import Principal
from workflows_app.contracts.schema import Contract, EventTrigger, HitlTrigger
from workflows_app.contracts.trigger import reserved
from workflows_app.delivery import webhook_queue
from workflows_app.effects.errors import EffectError, permanent
from workflows_app.effects.events import record_event
from workflows_app.effects.guard import guarded
from workflows_app.models import Alert, Event, WebhookSubscription, WorkflowContract
from workflows_app.models.ahead import ahead
from workflows_app.runner import post
from workflows_app.runner.enqueue import ring
from workflows_app.runner.inputs import InputError, check_inputs
from workflows_app.runner.start import Cause, create_run
from workflows_app.triggers.active import Active, load_active
from workflows_app.triggers.approvals import APPROVED, NotApprovedError, approved_proposal

MAX_LINKS = 5
_BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Listening:
    """Who may want an event: contracts (`complete`: all active ones loaded), and subscribers of webhooks."""

    contracts: Sequence[Active]
    complete: bool
    subscribers: Sequence[WebhookSubscription]


class ReservedEventError(Exception):
    """An event that only decisions and runs record was sent from outside; the message says what to do."""


def emit(event_type: str, key: str, payload: Mapping[str, Any], *, own_key: bool = False) -> str:
    """Record an event from outside and ask a worker to dispatch it; its id, also when the key is known.

    `own_key`: the key is the door's own and not the sender's, as for mail and signed webhooks. Raises
    `ReservedEventError`, and `NotCanonicalError` for a payload that cannot be stored.
    """
    why = reserved(event_type, "" if own_key else key)
    if why:
        raise ReservedEventError(why)
    with transaction.atomic():
        event_id = record_event(event_type, key, payload, now=database_now())
        ring("dispatch_events")
    return event_id


def dispatch(now: datetime | None = None) -> int:
    """Match every event that was not matched yet with the active contracts; how many runs it started.

    While an active contract does not load, events are matched with the others and wait for it: nobody can know whether
    it listens.
    """
    started, seen = 0, Q()
    while batch := list(_waiting().filter(seen).order_by("recorded_at", "pk")[:_BATCH]):
        rows = WorkflowContract.objects.filter(active=True, paused=False).order_by("pk")
        contracts, complete = load_active(rows, now or database_now())
        listening = Listening(contracts=contracts, complete=complete, subscribers=webhook_queue.subscribers())
        started += sum(_dispatch_one(event, listening, now or database_now()) for event in batch)
        last = batch[-1]
        seen = Q(recorded_at__gt=last.recorded_at) | Q(recorded_at=last.recorded_at, pk__gt=last.pk)
    return started


def _waiting() -> QuerySet[Event]:
    return Event.objects.filter(dispatched_at__isnull=True)


def _dispatch_one(event: Event, listening: Listening, now: datetime) -> int:
    """One event in one transaction. What cannot be dispatched is set aside with an alert; nobody waits for it."""
    try:
        with guarded():
            return _dispatch(event, listening, now)
    except EffectError as error:
        if error.permanent:
            _set_aside(event, error.message, now)
        return 0  # the database was busy: the next pass tries again


def _dispatch(event: Event, listening: Listening, now: datetime) -> int:
    """Mark the event, so that no other worker takes it, and start its runs; unmark it if it is to be matched again.

    Who is to be told of it gets a row in the same transaction: neither is there without the other.
    """
    if not _waiting().filter(pk=event.pk).update(dispatched_at=now):
        return 0
    try:
        proposal = approved_proposal(event) if event.event_type == APPROVED else None
    except NotApprovedError as error:
        raise permanent(str(error)) from error
    if webhook_queue.stage(event, listening.subscribers, now):
        ring("deliver")
    matching = [each for each in listening.contracts if matches(each.contract, event, proposal)]
    found = [start_for(each, event, proposal, now) for each in matching]
    started = sum(map(bool, found))
    if not listening.complete or None in found:
        Event.objects.filter(pk=event.pk).update(dispatched_at=None)
    return started


def _set_aside(event: Event, why: str, now: datetime) -> None:
    with transaction.atomic():
        if _waiting().filter(pk=event.pk).update(dispatched_at=now):
            message = f"the event {event.event_type} with the key {event.idempotency_key} starts nothing: {why}"
            Alert.objects.raise_alert(f"event:{event.pk}", kind="bad_event", message=message, now=now)


def matches(contract: Contract, event: Event, proposal: ProposedAction | None) -> bool:
    """Whether the contract listens to the event. `proposal`: what was approved, when the event reports an approval."""
    trigger = contract.trigger
    if isinstance(trigger, EventTrigger):
        return event.event_type in trigger.sources
    if isinstance(trigger, HitlTrigger):
        return proposal is not None and proposal.action_type == trigger.action_type
    return False


def start_for(
    active: Active, event: Event, proposal: ProposedAction | None, now: datetime, *, since: datetime | None = None
) -> bool | None:
    """Start a run unless the contract is paused, or newer than the event, or the chain of causes goes round.

    `since`: take the contract to listen from then on, whenever it began.

    The contracts are read once for many events, so this one is looked at again: whoever pauses it waits for this, or is
    seen here. None when another version has taken its place since: the event waits for the next pass.
    """
    row = WorkflowContract.objects.select_for_update(no_key=True).get(pk=active.row.pk)
    if row.paused or not row.active:
        return False if row.active else None
    began = since or first_active(row.workflow_type, now)
    if began is not None and event.recorded_at < began:
        return False
    causes = parse(event.causes)
    if row.workflow_type in causes or len(causes) > MAX_LINKS:
        _alert_chain(row, event, causes, now)
        return False
    hitl = isinstance(active.contract.trigger, HitlTrigger)
    cause = Cause(
        kind="hitl_approval" if hitl else "event",
        key=f"event:{row.workflow_type}:{event.pk}",
        principal=Principal.machine("events"),
        source=event.event_type,
        causes=causes,
    )
    return _create(active, cause, parse(proposal.payload if hitl and proposal else event.payload), now)


def first_active(workflow_type: str, now: datetime) -> datetime | None:
    """When the first version of a contract became active, as far as it is known: it sees no older events."""
    versions = WorkflowContract.objects.filter(workflow_type=workflow_type).exclude(ahead("activated_at", now))
    first: datetime | None = versions.aggregate(first=Min("activated_at"))["first"]
    return first


def _create(active: Active, cause: Cause, given: Any, now: datetime) -> bool:
    """The run of one event and contract; `given` is the payload, of which the contract's inputs are taken."""
    known = {spec.name for spec in active.contract.inputs}
    try:
        if not isinstance(given, Mapping):
            raise InputError({"payload": "takes an object with named values."})
        inputs = check_inputs(active.contract, {name: value for name, value in given.items() if name in known})
    except InputError as error:
        return _fail(active, cause, error, now)
    run, created = create_run(active.row, inputs, cause, now)
    if created:
        ring("advance", run.pk)
    return created


def _fail(active: Active, cause: Cause, error: InputError, now: datetime) -> bool:
    """An event that cannot be used leaves a failed run and an alert, not silence."""
    run, created = create_run(active.row, {}, cause, now)
    if created:
        reason = f"the event cannot be used: {error}"
        post.conclude(run, active.contract, "failed", now=now, reason=reason)
        message = f"{run.workflow_type}: {reason}"
        Alert.objects.raise_alert(f"run:{run.pk}", kind="bad_event", message=message, now=now, run_id=run.pk)
    return created


def _alert_chain(row: WorkflowContract, event: Event, causes: list[str], now: datetime) -> None:
    Alert.objects.raise_alert(
        f"chain:{row.workflow_type}:{event.pk}",
        kind="event_chain",
        message=f"{row.workflow_type} was not started by {event.event_type}: the chain is {' → '.join(causes)}",
        now=now,
    )

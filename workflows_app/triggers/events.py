"""Events and approvals start runs: at most one run per event and contract."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Min

from approvals.canonical import parse
from approvals.clock import database_now
from approvals.principals import Principal
from workflows_app.contracts.schema import Contract, EventTrigger, HitlTrigger
from workflows_app.effects.events import record_event
from workflows_app.models import Alert, Event, WorkflowContract
from workflows_app.runner import post
from workflows_app.runner.enqueue import ring
from workflows_app.runner.inputs import InputError, check_inputs
from workflows_app.runner.release import contract_for
from workflows_app.runner.start import Cause, create_run

MAX_LINKS = 5
_BATCH = 200


def emit(event_type: str, key: str, payload: Mapping[str, Any]) -> str:
    """Record an event from outside and ask a worker to dispatch it; its id, also when the key is known."""
    with transaction.atomic():
        event_id = record_event(event_type, key, payload, now=database_now())
        ring("dispatch_events")
    return event_id


def dispatch(now: datetime | None = None) -> int:
    """Match every event that was not matched yet with the active contracts; how many runs it started."""
    started = 0
    while True:
        waiting = Event.objects.filter(dispatched_at__isnull=True).order_by("recorded_at")
        batch = list(waiting.values_list("pk", flat=True)[:_BATCH])
        if not batch:
            return started
        started += sum(_dispatch_one(event_id, now) for event_id in batch)


def _dispatch_one(event_id: str, now: datetime | None) -> int:
    """One event in one transaction: mark it, start its runs."""
    with transaction.atomic():
        moment = now or database_now()
        if not Event.objects.filter(pk=event_id, dispatched_at__isnull=True).update(dispatched_at=moment):
            return 0
        event = Event.objects.get(pk=event_id)
        listening = WorkflowContract.objects.filter(active=True, paused=False)
        return sum(_start(row, event, moment) for row in listening if _matches(contract_for(row), event))


def _matches(contract: Contract, event: Event) -> bool:
    trigger = contract.trigger
    if isinstance(trigger, EventTrigger):
        return event.event_type in trigger.sources
    if isinstance(trigger, HitlTrigger) and event.event_type == "proposed_action.approved":
        return bool(parse(event.payload)["action_type"] == trigger.action_type)
    return False


def _start(row: WorkflowContract, event: Event, now: datetime) -> bool:
    """Start a run unless the contract is newer than the event, or the chain of causes goes round."""
    first = WorkflowContract.objects.filter(workflow_type=row.workflow_type).aggregate(first=Min("activated_at"))
    if first["first"] is not None and event.recorded_at < first["first"]:
        return False
    causes = parse(event.causes)
    if row.workflow_type in causes or len(causes) > MAX_LINKS:
        _alert_chain(row, event, causes, now)
        return False
    return _create(row, event, causes, now)


def _create(row: WorkflowContract, event: Event, causes: list[str], now: datetime) -> bool:
    contract = contract_for(row)
    hitl = isinstance(contract.trigger, HitlTrigger)
    cause = Cause(
        kind="hitl_approval" if hitl else "event",
        key=f"event:{row.workflow_type}:{event.pk}",
        principal=Principal.machine("events"),
        source=event.event_type,
        causes=causes,
    )
    payload = parse(event.payload)
    given = payload["payload"] if hitl else payload
    known = {spec.name for spec in contract.inputs}
    try:
        inputs = check_inputs(contract, {name: value for name, value in given.items() if name in known})
    except InputError as error:
        return _fail(row, cause, error, now)
    run, created = create_run(row, inputs, cause, now)
    if created:
        ring("advance", run.pk)
    return created


def _fail(row: WorkflowContract, cause: Cause, error: InputError, now: datetime) -> bool:
    """An event that cannot be used leaves a failed run and an alert, not silence."""
    run, created = create_run(row, {}, cause, now)
    if created:
        reason = f"the event cannot be used: {error}"
        post.conclude(run, contract_for(row), "failed", now=now, reason=reason)
        message = f"{row.workflow_type}: {reason}"
        Alert.objects.raise_alert(f"run:{run.pk}", kind="bad_event", message=message, now=now, run_id=run.pk)
    return created


def _alert_chain(row: WorkflowContract, event: Event, causes: list[str], now: datetime) -> None:
    Alert.objects.raise_alert(
        f"chain:{row.workflow_type}:{event.pk}",
        kind="event_chain",
        message=f"{row.workflow_type} was not started by {event.event_type}: the chain is {' → '.join(causes)}",
        now=now,
    )

"""What subscribers are told, and how often it is tried: rows here, sending in `delivery/webhooks.py`.

A delivery goes `waiting → delivered | dead`. Taking one is one conditional UPDATE that puts its next attempt off: a
sender that dies leaves a delivery that comes due again. So each event arrives at least once, always with the same id.
An endpoint that failed five times in a row rests, then gets one delivery to show that it is there again.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, Q, QuerySet

from approvals.canonical import canonical, parse
from workflows_app.models import Alert, Event, Hold, WebhookDelivery, WebhookSubscription

# What somebody outside can be told of, in words for the form.
OFFERED: Final[Mapping[str, str]] = {
    "workflow.completed": "A run ended and every step was done.",
    "workflow.partial": "A run ended and some steps failed.",
    "workflow.failed": "A run failed, was blocked, rejected, cancelled or expired.",
    "proposed_action.approved": "A person approved a proposal.",
}
# Ids and states, never names, amounts or reasons: those do not leave the house without a decision.
_TOLD: Final = ("run_id", "workflow_type", "status", "proposal_id", "action_type")
GIVE_UP_AFTER: Final = timedelta(hours=24)
# Longer than a call may last, so that no two senders have one delivery.
LEASE: Final = timedelta(minutes=2)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
REST_AFTER: Final = 5
_FIRST_REST, _LONGEST_REST = timedelta(minutes=5), timedelta(hours=1)
_LONGEST_ERROR: Final = 1000
_NAMESPACE: Final = uuid.UUID("d3c8b0e6-63c1-4d0c-8f0e-7a4b4d9d2f51")
_GONE: Final = 410


def subscribers() -> list[WebhookSubscription]:
    """Everybody who is to be told of something."""
    return list(WebhookSubscription.objects.filter(active=True).order_by("pk"))


def stage(event: Event, subscribed: Iterable[WebhookSubscription], now: datetime) -> int:
    """One delivery for each subscriber of the event, in the transaction that matches it; how many. Once only."""
    wanted = [each for each in subscribed if event.event_type in each.event_types.split()]
    rows = [
        WebhookDelivery(
            id=_webhook_id(each, event),
            subscription=each,
            event=event,
            event_type=event.event_type,
            body=_body(event),
            next_attempt_at=now,
            give_up_at=now + GIVE_UP_AFTER,
            created_at=now,
        )
        for each in wanted
    ]
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _webhook_id(subscription: WebhookSubscription, event: Event) -> str:
    """The same whenever the event is matched again."""
    return f"cs-whd-{uuid.uuid5(_NAMESPACE, f'{subscription.pk}/{event.pk}')}"


def _body(event: Event) -> str:
    payload = parse(event.payload)
    given = payload if isinstance(payload, Mapping) else {}
    told = {name: given[name] for name in _TOLD if isinstance(given.get(name), str)}
    return canonical({"type": event.event_type, "timestamp": event.recorded_at, "data": {"event_id": event.pk, **told}})


def due(now: datetime) -> "QuerySet[WebhookDelivery]":
    """What can be tried now, the longest waiting first; nothing while everything is on hold."""
    rows = WebhookDelivery.objects.filter(~Exists(Hold.objects.filter(pk=1, on=True)), status="waiting")
    awake = Q(subscription__resting_until=None) | Q(subscription__resting_until__lte=now)
    return rows.filter(awake, next_attempt_at__lte=now, subscription__active=True).order_by("next_attempt_at", "pk")


def claim(delivery_id: str, now: datetime) -> WebhookDelivery | None:
    """The delivery, ours for `LEASE`; None when another sender has it, or its endpoint has gone to rest meanwhile."""
    with transaction.atomic(durable=True):
        seen = due(now).filter(pk=delivery_id).select_related("subscription").first()
        if seen is None or not _may_try(seen.subscription, now):
            return None
        mine = WebhookDelivery.objects.filter(
            pk=delivery_id, status="waiting", next_attempt_at=seen.next_attempt_at, attempts=seen.attempts
        )
        if not mine.update(next_attempt_at=now + LEASE, attempts=F("attempts") + 1):
            return None
    seen.refresh_from_db()
    return seen


def _may_try(subscription: WebhookSubscription, now: datetime) -> bool:
    """An endpoint that rested gets one delivery at a time: whoever puts its rest off sends it."""
    if subscription.resting_until is None:
        return True
    rested = WebhookSubscription.objects.filter(pk=subscription.pk, resting_until=subscription.resting_until)
    return bool(rested.update(resting_until=now + LEASE))


@transaction.atomic
def delivered(delivery: WebhookDelivery, status: int, now: datetime) -> None:
    """The endpoint took it."""
    mine = WebhookDelivery.objects.filter(pk=delivery.pk).exclude(status="delivered")
    mine.update(status="delivered", delivered_at=now, last_status=status, last_error="")
    WebhookSubscription.objects.filter(pk=delivery.subscription_id).update(
        failures=0, resting_until=None, last_delivered_at=now
    )
    dead = WebhookDelivery.objects.filter(subscription=delivery.subscription_id, status="dead")
    if not dead.exists():
        Alert.objects.keyed(alert_key(delivery.subscription_id)).resolve(now)


@transaction.atomic
def failed(delivery: WebhookDelivery, status: int | None, why: str, now: datetime) -> str:
    """The endpoint did not take it: `waiting` for the next attempt, or `dead` when the next would come too late.

    One that answers 410 says that it wants no more, and gets no more.
    """
    following = now + pause(delivery.attempts)
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, status="waiting", attempts=delivery.attempts)
    outcome = "waiting" if following <= delivery.give_up_at and status != _GONE else "dead"
    if not mine.update(status=outcome, next_attempt_at=following, last_status=status, last_error=why[:_LONGEST_ERROR]):
        return ""
    if status == _GONE:
        switch(delivery.subscription_id, on=False, now=now)
    failures = _count_failure(delivery.subscription, now)
    given_up = _give_up(delivery.subscription, now) + (outcome == "dead")
    if given_up or failures == REST_AFTER:
        _alert(delivery.subscription, failures, why, now)
    return outcome


def _count_failure(subscription: WebhookSubscription, now: datetime) -> int:
    """Count one more failure in a row, and let the endpoint rest when there were many; how many now."""
    row = WebhookSubscription.objects.filter(pk=subscription.pk)
    row.update(failures=F("failures") + 1)
    failures: int = row.values_list("failures", flat=True).get()
    if failures >= REST_AFTER:
        rest = min(_FIRST_REST * 2 ** min(failures - REST_AFTER, 10), _LONGEST_REST)
        row.update(resting_until=now + rest)
    return failures


def _give_up(subscription: WebhookSubscription, now: datetime) -> int:
    """What waited for a resting endpoint for a day is dead with it; how many."""
    late = WebhookDelivery.objects.filter(subscription=subscription, status="waiting", give_up_at__lte=now)
    return late.update(status="dead", last_error="the endpoint has not answered for a day")


def _alert(subscription: WebhookSubscription, failures: int, why: str, now: datetime) -> None:
    dead = WebhookDelivery.objects.filter(subscription=subscription, status="dead").count()
    given_up = f"{dead} given up; " if dead else ""
    message = f"The webhooks to {subscription.name} have failed {failures} times in a row; {given_up}the last: {why}"
    Alert.objects.raise_alert(alert_key(subscription.pk), kind="webhook", message=message[:_LONGEST_ERROR], now=now)


def alert_key(subscription_id: int) -> str:
    """The key of the alert about an endpoint."""
    return f"webhook:{subscription_id}"


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 1, 4, 16, 64, 256 minutes, then 6 hours."""
    factor: int = 4 ** min(max(attempts, 1) - 1, 8)
    return min(_FIRST_PAUSE * factor, _LONGEST_PAUSE)


@transaction.atomic
def try_again(deliveries: "QuerySet[WebhookDelivery]", now: datetime) -> int:
    """Let a person's deliveries that are dead or wait be tried from now on for another day; how many."""
    open_ones = deliveries.exclude(status="delivered").filter(subscription__active=True)
    subscriptions = set(open_ones.values_list("subscription", flat=True))
    changed = WebhookDelivery.objects.filter(pk__in=list(open_ones.values_list("pk", flat=True))).update(
        status="waiting", attempts=0, next_attempt_at=now, give_up_at=now + GIVE_UP_AFTER
    )
    WebhookSubscription.objects.filter(pk__in=subscriptions).update(failures=0, resting_until=None)
    Alert.objects.keyed(*map(alert_key, subscriptions)).resolve(now)
    return changed


@transaction.atomic
def switch(subscription_id: int, *, on: bool, now: datetime) -> bool:
    """Tell a subscriber of events, or no more; what waits for one that is switched off is dead. False: it stood so."""
    changed = WebhookSubscription.objects.filter(pk=subscription_id).exclude(active=on)
    if not changed.update(active=on, failures=0, resting_until=None):
        return False
    if not on:
        waiting = WebhookDelivery.objects.filter(subscription=subscription_id, status="waiting")
        waiting.update(status="dead", last_error="the subscription was switched off")
    Alert.objects.keyed(alert_key(subscription_id)).resolve(now)
    return True

"""Webhooks out: at least once with one id, thin, signed, never while held, and an end to trying."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from standardwebhooks import Webhook

from approvals.canonical import parse
from approvals.clock import database_now
from tests.integration.delivery.subscribers import SECRET, Endpoint, happened, subscriber
from tests.integration.triggers.small import on_event
from workflows_app.credentials import webhook_secrets
from workflows_app.delivery import webhook_queue as queue
from workflows_app.delivery import webhooks
from workflows_app.models import Alert, Event, Hold, WebhookDelivery, WebhookSubscription
from workflows_app.triggers import events

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint() -> Endpoint:
    """It says 200 until told otherwise."""
    return Endpoint()


def deliver(endpoint: Endpoint) -> webhooks.Counts:
    """One pass."""
    return webhooks.deliver_webhooks(through=endpoint)


def busy(*given: Any) -> Any:
    """A database that is busy just now."""
    raise OperationalError("database is locked")


def now_due() -> None:
    """As if the pauses and rests were over."""
    moment = database_now() - timedelta(seconds=1)
    WebhookDelivery.objects.filter(status="waiting").update(next_attempt_at=moment)
    WebhookSubscription.objects.exclude(resting_until=None).update(resting_until=moment)


def only() -> WebhookDelivery:
    """The one delivery."""
    return WebhookDelivery.objects.get()


def test_a_subscriber_hears_of_what_it_asked_for(endpoint: Endpoint) -> None:
    subscriber("shop", "workflow.completed")
    subscriber("other", "workflow.failed")

    happened()

    assert deliver(endpoint) == webhooks.Counts(delivered=1)
    [call] = endpoint.heard
    assert (call.method, call.url, call.keep) == ("POST", "https://shop.example.com/hook", False)
    row = only()
    assert (row.status, row.attempts, row.last_status) == ("delivered", 1, 200)
    assert deliver(endpoint) == webhooks.Counts()


def test_it_says_ids_and_states_and_nothing_else(endpoint: Endpoint) -> None:
    subscriber()

    event = happened()
    deliver(endpoint)

    body = parse(endpoint.heard[0].body.decode())
    assert body.keys() == {"type", "timestamp", "data"}
    assert body["data"] == {
        "event_id": event.pk, "run_id": "1", "workflow_type": "new_customer", "status": "completed",
    }  # fmt: skip


@pytest.mark.parametrize("payload", ["[]", "null", '{"run_id":{"name":"Ada"},"status":["x"]}'])
def test_a_strange_payload_tells_nothing(endpoint: Endpoint, payload: str) -> None:
    subscriber()

    happened(payload=payload)
    deliver(endpoint)

    assert parse(endpoint.heard[0].body.decode())["data"].keys() == {"event_id"}


def test_the_library_verifies_it(endpoint: Endpoint) -> None:
    subscriber()
    happened()
    deliver(endpoint)
    [call] = endpoint.heard

    said: Any = Webhook(SECRET).verify(call.body, {name: str(value) for name, value in call.headers.items()})

    assert said["type"] == "workflow.completed"


def test_after_a_rotation_old_and_new_secret_verify_for_a_day(endpoint: Endpoint) -> None:
    row = subscriber()
    fresh = webhook_secrets.new_secret()
    webhook_secrets.rotate(row, fresh, database_now())
    row.save()
    happened()

    deliver(endpoint)

    head = {name: str(value) for name, value in endpoint.heard[0].headers.items()}
    for secret in (SECRET, fresh):
        Webhook(secret).verify(endpoint.heard[0].body, head)


def test_event_and_deliveries_come_together_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    subscriber()
    on_event("workflow.completed")
    monkeypatch.setattr(events, "create_run", busy)

    event = happened()

    event.refresh_from_db()
    assert event.dispatched_at is None
    assert not WebhookDelivery.objects.exists()
    monkeypatch.undo()
    events.dispatch()
    assert WebhookDelivery.objects.count() == 1


def test_an_event_that_is_matched_again_is_told_once(endpoint: Endpoint) -> None:
    subscriber()
    happened()
    Event.objects.update(dispatched_at=None)

    events.dispatch()

    assert deliver(endpoint).delivered == 1
    assert WebhookDelivery.objects.count() == 1


def test_each_attempt_has_the_same_id_and_a_longer_pause(endpoint: Endpoint) -> None:
    subscriber()
    happened()
    endpoint.answers = [500, 0, 404]
    pauses = []

    for _ in range(3):
        before = database_now()
        assert deliver(endpoint) == webhooks.Counts(waiting=1)
        assert deliver(endpoint) == webhooks.Counts()
        pauses.append(round((only().next_attempt_at - before).total_seconds() / 60))
        now_due()
    deliver(endpoint)

    assert pauses == [1, 4, 16]
    assert len(set(endpoint.ids)) == 1
    assert len(endpoint.ids) == 4
    assert (only().status, only().attempts, only().last_error) == ("delivered", 4, "")


def test_what_the_endpoint_answered_is_kept(endpoint: Endpoint) -> None:
    subscriber()
    happened()
    endpoint.answers = [404]

    deliver(endpoint)

    assert (only().last_status, only().last_error) == (404, "https://shop.example.com:443 answered 404: no")


def test_the_pauses_make_about_a_day() -> None:
    total = sum((queue.pause(attempts) for attempts in range(1, 9)), timedelta())

    assert timedelta(hours=22) < total < queue.GIVE_UP_AFTER
    assert queue.pause(1000) == timedelta(hours=6)


def test_after_a_day_it_is_dead_with_an_alert_and_a_person_may_try_again(endpoint: Endpoint) -> None:
    subscriber()
    happened()
    WebhookDelivery.objects.update(give_up_at=database_now())
    endpoint.answers = [500]

    assert deliver(endpoint) == webhooks.Counts(dead=1)
    assert "shop" in Alert.objects.open().get().message
    now_due()
    assert deliver(endpoint) == webhooks.Counts()

    assert queue.try_again(WebhookDelivery.objects.all(), database_now()) == 1
    assert not Alert.objects.open().exists()
    assert deliver(endpoint) == webhooks.Counts(delivered=1)


def test_an_endpoint_that_fails_five_times_in_a_row_rests_and_then_shows_itself(endpoint: Endpoint) -> None:
    row = subscriber()
    for number in range(8):
        happened(f"run:{number}:end")
    endpoint.answers = [0] * 6

    assert deliver(endpoint) == webhooks.Counts(waiting=5)
    assert Alert.objects.open().get().kind == "webhook"
    now = database_now()
    row.refresh_from_db()
    assert timedelta(minutes=4) < row.resting_until - now <= timedelta(minutes=5)
    assert deliver(endpoint) == webhooks.Counts()

    now_due()
    assert deliver(endpoint) == webhooks.Counts(waiting=1)  # one to show itself, and it fails
    row.refresh_from_db()
    assert row.resting_until - now > timedelta(minutes=9)

    now_due()
    assert deliver(endpoint) == webhooks.Counts(delivered=8)  # the first is taken, and the others follow
    row.refresh_from_db()
    assert (row.failures, row.resting_until) == (0, None)
    assert not Alert.objects.open().exists()


def test_what_waited_a_day_for_a_resting_endpoint_is_dead_with_it(endpoint: Endpoint) -> None:
    row = subscriber()
    for number in range(3):
        happened(f"run:{number}:end")
    WebhookDelivery.objects.update(give_up_at=database_now())
    WebhookSubscription.objects.update(failures=9, resting_until=database_now() - timedelta(seconds=1))
    endpoint.answers = [0]

    deliver(endpoint)

    assert [each.status for each in row.deliveries.all()] == ["dead"] * 3
    assert len(endpoint.heard) == 1


def test_one_endpoint_that_rests_holds_up_no_other(endpoint: Endpoint) -> None:
    subscriber("away")
    subscriber("shop")
    WebhookSubscription.objects.filter(name="away").update(resting_until=database_now() + timedelta(hours=1))

    happened()

    assert deliver(endpoint) == webhooks.Counts(delivered=1)


def test_410_is_the_end_of_a_subscription(endpoint: Endpoint) -> None:
    row = subscriber()
    happened()
    endpoint.answers = [410]

    assert deliver(endpoint) == webhooks.Counts(dead=1)

    row.refresh_from_db()
    assert not row.active
    assert "410" in Alert.objects.open().get().message
    happened("run:2:end")
    assert WebhookDelivery.objects.count() == 1


def test_nothing_leaves_while_everything_is_on_hold(endpoint: Endpoint) -> None:
    subscriber()
    happened()
    Hold.objects.create(on=True)

    assert deliver(endpoint) == webhooks.Counts()
    assert queue.claim(only().pk, database_now()) is None
    Hold.objects.update(on=False)
    assert deliver(endpoint) == webhooks.Counts(delivered=1)


def test_a_delivery_belongs_to_one_sender_and_comes_due_again_when_that_dies(endpoint: Endpoint) -> None:
    subscriber()
    happened()

    assert queue.claim(only().pk, database_now()) is not None  # and dies
    assert queue.claim(only().pk, database_now()) is None
    assert deliver(endpoint) == webhooks.Counts()

    late = database_now() + queue.LEASE + timedelta(seconds=1)
    assert queue.claim(only().pk, late) is not None


def test_a_sender_that_comes_back_late_does_not_undo_a_delivery(endpoint: Endpoint) -> None:
    subscriber()
    happened()
    slow = queue.claim(only().pk, database_now())
    assert slow is not None
    now_due()
    deliver(endpoint)

    assert queue.failed(slow, None, "too slow", database_now()) == ""
    assert only().status == "delivered"


def test_who_is_switched_off_hears_nothing_more_even_of_what_waited(endpoint: Endpoint) -> None:
    row = subscriber()
    happened()

    assert queue.switch(row.pk, on=False, now=database_now())
    assert not queue.switch(row.pk, on=False, now=database_now())
    happened("run:2:end")

    assert deliver(endpoint) == webhooks.Counts()
    assert only().status == "dead"
    assert queue.try_again(WebhookDelivery.objects.all(), database_now()) == 0


def test_a_secret_that_cannot_be_opened_is_a_failure_that_says_so(endpoint: Endpoint) -> None:
    subscriber()
    WebhookSubscription.objects.update(secret="x")
    happened()

    assert deliver(endpoint) == webhooks.Counts(waiting=1)
    assert "another SECRET_KEY" in only().last_error
    assert endpoint.heard == []


def test_no_transaction_is_open_while_an_endpoint_is_called() -> None:
    subscriber()
    happened()
    seen = []

    def watched(asked: Any) -> Any:
        seen.append(list(connection.savepoint_ids))
        return Endpoint()(asked)

    before = list(connection.savepoint_ids)
    webhooks.deliver_webhooks(through=watched)

    assert seen == [before]

"""A webhook leaves by the one guarded way out, and arrives so that the library verifies it."""

import json
from collections.abc import Iterator

import pytest
from pytest_django import Settings
from standardwebhooks import Webhook

from tests.far_end import FarEnd, far_end
from tests.integration.delivery.subscribers import SECRET, happened, subscriber
from workflows_app.delivery.webhooks import Counts, deliver_webhooks
from workflows_app.models import WebhookDelivery, WebhookSubscription

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture
def end() -> Iterator[FarEnd]:
    """A subscriber's server on this machine, and an event for it."""
    with far_end() as found:
        subscriber()
        WebhookSubscription.objects.update(url=f"http://127.0.0.1:{found.port}/hook")
        happened()
        yield found


def test_it_arrives_and_verifies(end: FarEnd, settings: Settings) -> None:
    settings.HTTP_NETWORKS = ["127.0.0.0/8"]

    assert deliver_webhooks() == Counts(delivered=1)

    head, _, body = end.heard[0].decode().partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    assert head.startswith("POST /hook HTTP/1.1")
    assert Webhook(SECRET).verify(body, headers)["type"] == "workflow.completed"
    assert json.loads(body)["data"]["run_id"] == "1"
    assert not any(name.lower().startswith("x-countersign") for name in headers)


def test_an_address_inside_the_house_is_not_reached(end: FarEnd) -> None:
    assert deliver_webhooks() == Counts(waiting=1)

    assert (end.connections, end.heard) == (0, [])
    assert "may not be called" in WebhookDelivery.objects.get().last_error


def test_what_it_answers_is_kept_and_a_redirect_is_not_followed(end: FarEnd, settings: Settings) -> None:
    settings.HTTP_NETWORKS = ["127.0.0.0/8"]
    end.answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/admin\r\nContent-Length: 0\r\n\r\n"

    assert deliver_webhooks() == Counts(waiting=1)

    row = WebhookDelivery.objects.get()
    assert (row.last_status, end.connections) == (302, 1)
    assert "redirects are not followed" in row.last_error

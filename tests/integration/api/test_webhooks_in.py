"""Signed webhooks in (QUALITY.md test 26): what is altered, late or a copy is 4xx, and nothing is recorded twice."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from approvals.canonical import canonical
from approvals.clock import database_now
from tests.integration.api import calling
from tests.integration.api.calling import SECRET, headers, library, post, signed, source
from workflows_app.api import webhooks_in
from workflows_app.credentials import webhook_secrets
from workflows_app.models import Event, WebhookReceipt, WebhookSource
from workflows_app.triggers.receipts import forget

pytestmark = pytest.mark.django_db
PATH = "/api/events?source=vendor"
BODY = canonical({"type": "order.placed", "timestamp": "2026-11-21T12:00:00Z", "data": {"order": "7"}}).encode()


@pytest.fixture(autouse=True)
def vendor() -> WebhookSource:
    """The source."""
    return source()


def send(body: bytes = BODY, head: dict[str, str] | None = None, path: str = PATH) -> Any:
    """Send a message; signed right unless told otherwise."""
    return post(path, body, signed(body) if head is None else head)


def test_a_signed_message_is_recorded_under_its_id() -> None:
    answer = send()

    assert (answer.status_code, answer.json()["status"]) == (201, "recorded")
    event = Event.objects.get()
    assert (event.event_type, event.idempotency_key) == ("order.placed", "webhook:vendor:msg_1")
    assert event.payload == '{"order":"7"}'
    assert WebhookSource.objects.get().last_used_at is not None


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's clock stands still at a whole second, for the sender as well."""
    moment = database_now().replace(microsecond=0)
    for module in (calling, webhooks_in):
        monkeypatch.setattr(module, "database_now", lambda: moment)


@pytest.mark.parametrize("late", [300, -300])
def test_within_five_minutes_of_the_databases_clock_it_is_taken(late: float, stopped: None) -> None:
    assert send(head=signed(BODY, late=late)).status_code == 201


@pytest.mark.parametrize("late", [301, -301, 1e6])
def test_beyond_five_minutes_it_is_refused(late: float, stopped: None) -> None:
    answer = send(head=signed(BODY, late=late))

    assert answer.status_code == 401
    assert "300 seconds" in answer.json()["error"]
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-id": "msg_1.1"},
        {"webhook-timestamp": "1"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-timestamp": "٣٣٣"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": "v1,\udce9"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v2," + "A" * 44},
        {"webhook-signature": "v1"},
        {"webhook-signature": " " * 100},
    ],
)
def test_an_altered_header_is_401(changed: dict[str, str]) -> None:
    answer = send(head=signed(BODY) | changed)

    assert answer.status_code == 401
    assert not Event.objects.exists()


@pytest.mark.parametrize("body", [BODY + b" ", BODY.replace(b"7", b"8"), b"", b"\xff"])
def test_an_altered_body_is_401(body: bytes) -> None:
    assert send(body, signed(BODY)).status_code == 401
    assert not Event.objects.exists()


def test_each_altered_byte_of_the_signature_is_401() -> None:
    head = signed(BODY)
    good = head["webhook-signature"]

    for place in range(3, len(good) - 1, 4):
        other = "A" if good[place] != "A" else "B"
        changed = {"webhook-signature": good[:place] + other + good[place + 1 :]}
        assert send(head=head | changed).status_code == 401


def test_a_copy_is_409_and_records_nothing() -> None:
    head = signed(BODY)
    assert send(head=head).status_code == 201

    assert [send(head=head).status_code for _ in range(5)] == [409] * 5
    assert Event.objects.count() == 1


def test_an_older_signature_of_a_taken_message_is_a_copy_too() -> None:
    older = signed(BODY, late=100)
    assert send().status_code == 201

    assert send(head=older).status_code == 409


def test_a_sender_that_had_no_answer_sends_again_and_gets_the_same() -> None:
    first = send(head=signed(BODY, late=60))

    again = send(head=signed(BODY))

    assert (again.status_code, again.json()["status"]) == (200, "known")
    assert again.json()["event_id"] == first.json()["event_id"]


def test_an_id_that_was_used_for_another_message_is_409() -> None:
    send(head=signed(BODY, late=60))
    other = BODY.replace(b"7", b"8")

    assert send(other, signed(other)).status_code == 409
    assert Event.objects.count() == 1


def test_a_message_that_is_refused_for_its_content_can_be_sent_again() -> None:
    bad = canonical({"type": "order.unknown", "data": {}}).encode()

    assert [send(bad, signed(bad)).status_code for _ in range(2)] == [403, 403]
    assert not WebhookReceipt.objects.exists()


def test_after_the_receipt_is_forgotten_the_ledger_still_knows_it() -> None:
    send()
    WebhookReceipt.objects.update(received_at=database_now() - timedelta(hours=1))

    assert forget(database_now()) == 1
    assert send(head=signed(BODY)).json()["status"] == "known"


def test_a_receipt_is_kept_while_its_signature_is_good() -> None:
    send(head=signed(BODY, late=-299))

    assert forget(database_now() + timedelta(seconds=601)) == 0


def test_the_secret_before_counts_for_a_day(vendor: WebhookSource) -> None:
    fresh = webhook_secrets.new_secret()
    webhook_secrets.rotate(vendor, fresh, database_now())
    vendor.save()

    assert send(head=signed(BODY)).status_code == 201
    assert send(head=signed(BODY, webhook_id="msg_2", secret=fresh)).status_code == 201
    WebhookSource.objects.update(previous_until=database_now())
    assert send(head=signed(BODY, webhook_id="msg_3")).status_code == 401


@pytest.mark.parametrize("name", ["nobody", "", "a%00", "VENDOR", "%C3%A9"])
def test_an_unknown_source_is_4xx(name: str) -> None:
    answer = send(path=f"/api/events?source={name}")

    assert answer.status_code in {400, 401}


def test_a_source_that_is_switched_off_is_401(vendor: WebhookSource) -> None:
    WebhookSource.objects.update(active=False)

    assert send().status_code == 401


def test_a_source_whose_secret_cannot_be_opened_is_401(settings: Settings) -> None:
    settings.SECRET_KEY = "another"

    assert send().status_code == 401


def test_a_token_does_not_stand_in_for_a_signature() -> None:
    assert send(head=headers("events:write")).status_code == 401


def test_what_the_library_signs_is_taken() -> None:
    now = database_now()
    head = {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp()))}

    signature = library(SECRET).sign("msg_1", now, BODY.decode())

    assert send(head=head | {"webhook-signature": f"v1,{'A' * 44} {signature}"}).status_code == 201

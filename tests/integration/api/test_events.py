"""`POST /api/events` with a token: once per key, and never what only decisions and runs say."""

from typing import Any

import pytest
from django.test import Client
from django_q.models import OrmQ

from tests.company import customer, invoice
from tests.integration.api.calling import headers, post
from tests.letters_in import letter
from workflows_app.effects.identity import derive_id
from workflows_app.inbox.intake import event_key, take_in
from workflows_app.models import Event

pytestmark = pytest.mark.django_db
PATH = "/api/events"
GOOD = {"type": "vendor.item_discontinued", "key": "k1", "payload": {"item_code": "ITM-1"}}


def send(data: object = None, scope: str = "events:write", **changed: Any) -> Any:
    """Send an event with a token."""
    return post(PATH, (GOOD | changed) if data is None else data, headers(scope))


def test_an_event_is_recorded_and_rung_for() -> None:
    answer = send()

    assert answer.status_code == 201
    event = Event.objects.get()
    assert answer.json() == {"event_id": event.pk, "status": "recorded"}
    assert (event.event_type, event.idempotency_key, event.payload) == (GOOD["type"], "k1", '{"item_code":"ITM-1"}')
    assert OrmQ.objects.exists()


def test_the_same_event_again_is_known() -> None:
    first, second = send(), send()

    assert (second.status_code, second.json()["status"]) == (200, "known")
    assert second.json()["event_id"] == first.json()["event_id"]
    assert Event.objects.count() == 1


@pytest.mark.parametrize("changed", [{"payload": {"item_code": "ITM-2"}}, {"type": "vendor.other"}, {"payload": {}}])
def test_a_known_key_with_another_content_is_409(changed: dict[str, Any]) -> None:
    send()

    answer = send(**changed)

    assert answer.status_code == 409
    assert "k1" in answer.json()["error"]
    assert Event.objects.get().payload == '{"item_code":"ITM-1"}'


def test_a_fraction_becomes_text_and_is_the_same_again() -> None:
    body = b'{"type": "x.y", "key": "k", "payload": {"price": 12.50}}'

    assert (send(body).status_code, send(body).status_code) == (201, 200)
    assert Event.objects.get().payload == '{"price":"12.50"}'


@pytest.mark.parametrize("kind", ["workflow.completed", "proposed_action.approved", "Workflow.x"])
def test_what_only_decisions_and_runs_record_is_refused(kind: str) -> None:
    assert send(type=kind).status_code == 403
    assert not Event.objects.exists()


@pytest.mark.parametrize("key", ["run:1:end", "proposal:1:approved", "webhook:vendor:msg_1"])
def test_a_key_that_is_ours_is_refused(key: str) -> None:
    assert send(key=key).status_code == 403


def test_nobody_swallows_the_event_of_a_message_that_is_to_come() -> None:
    """A message's event has a key that follows from its Message-ID, which others may know before us."""
    oak = customer("Oak School")
    disputed = invoice(oak, "100.00", overdue=5)

    answer = send(type="x.y", key=event_key(derive_id("eml", "<1@oak.example>")))
    take_in(letter(f"We dispute {disputed.tranid}.", sender=str(oak.email), message_id="<1@oak.example>"))

    assert answer.status_code == 403
    assert Event.objects.get().event_type == "inbound_email_triage_classification"


@pytest.mark.parametrize(
    "changed",
    [{"type": ""}, {"type": "x" * 121}, {"type": "a b"}, {"key": ""}, {"key": "é"}, {"key": "x" * 121}, {"key": None},
     {"payload": []}, {"payload": "x"}],
)  # fmt: skip
def test_what_does_not_fit_is_422_with_the_field(changed: dict[str, Any]) -> None:
    answer = send(**changed)

    assert answer.status_code == 422
    assert next(iter(changed)) in answer.json()["error"]
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"NaN", b"[" * 100_000, b'{"a":' * 50 + b"1" + b"}" * 50, b'{"type": "a", "key": "k\\u0000"}',
     b'{"type": "a", "key": "k", "payload": {"a": "\\ud800"}}', b'{"a": ' + b"9" * 5000 + b"}"],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_4xx_in_a_sentence(body: bytes) -> None:
    answer = send(body)

    assert answer.status_code in {400, 422}
    assert answer.json()["error"].endswith(".")
    assert not Event.objects.exists()


def test_a_body_that_is_too_large_is_413() -> None:
    assert send(b" " * 3_000_000).status_code == 413


def test_the_scope_is_needed() -> None:
    assert send(scope="runs:read").status_code == 403
    assert not Event.objects.exists()


def test_without_a_token_nothing_is_read() -> None:
    assert post(PATH, GOOD, {}).status_code == 401
    assert not Event.objects.exists()


def test_a_login_is_no_token(admin_client: Client) -> None:
    assert post(PATH, GOOD, {}, admin_client).status_code == 401


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_another_method_is_405_in_the_same_shape(client: Client, method: str) -> None:
    answer = getattr(client, method)(PATH)

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert answer.json()["error"]


def test_an_unknown_endpoint_is_404_in_the_same_shape(client: Client) -> None:
    for path in ("/api/", "/api/nothing", "/api/runs"):
        answer = client.get(path)
        assert answer.status_code in {404, 405}
        assert answer.json()["error"]

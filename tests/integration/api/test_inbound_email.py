"""`POST /api/inbound-email`: a message is handed in with a token, and believed as little as any other."""

import io
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from tests.integration.api.calling import headers
from tests.letters_in import letter
from workflows_app.api import inbound_email
from workflows_app.models import InboundEmail

pytestmark = pytest.mark.django_db
PATH = "/api/inbound-email"


def hand_in(raw: bytes, *, scope: str = "mail:write", content_type: str = "message/rfc822", **more: Any) -> Any:
    return Client().post(PATH, raw, content_type=content_type, headers=more.get("headers") or headers(scope))


def test_a_message_is_stored_once_however_often_it_is_handed_in() -> None:
    first, again = hand_in(letter()), hand_in(letter())

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["email_uuid"] == again.json()["email_uuid"] == InboundEmail.objects.get().pk
    assert again.json()["new"] is False


@pytest.mark.parametrize(("scope", "status"), [("events:write", 403), ("", 401)])
def test_without_the_right_token_nothing_is_stored(scope: str, status: int) -> None:
    answer = hand_in(letter(), scope=scope) if scope else Client().post(PATH, letter(), content_type="message/rfc822")

    assert answer.status_code == status
    assert not InboundEmail.objects.exists()


def test_what_is_larger_than_three_megabytes_is_taken_too() -> None:
    assert hand_in(letter("a" * 3_000_000)).status_code == 201


def test_a_message_that_came_in_half_is_not_taken_for_the_whole() -> None:
    """The connection broke: what came of it would stand for the message, and the whole one would be a stranger."""
    whole = letter()
    half: dict[str, Any] = {"wsgi.input": io.BytesIO(whole[:-10])}

    answer = Client().post(PATH, whole, "message/rfc822", headers=headers("mail:write"), **half)

    assert answer.status_code == 400
    assert not InboundEmail.objects.exists()


def test_what_no_mail_server_carries_is_refused() -> None:
    assert hand_in(b"a" * 26_000_001).status_code == 413


def test_nothing_is_no_message() -> None:
    assert hand_in(b"\r\n").status_code == 422


def test_a_form_is_no_message() -> None:
    assert hand_in(b"a=b", content_type="application/x-www-form-urlencoded").status_code == 415


def test_a_busy_database_is_503(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(raw: bytes) -> None:
        raise OperationalError("database is locked: secret detail")

    monkeypatch.setattr(inbound_email, "take_in", locked)

    answer = hand_in(letter())

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "secret" not in answer.content.decode()


def test_it_is_handed_in_by_post_only() -> None:
    assert Client().get(PATH, headers=headers("mail:write")).status_code == 405

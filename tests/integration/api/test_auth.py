"""What takes a token of one scope: 401 without a good token, 403 without the scope, else it knows the caller."""

import logging
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from approvals.clock import database_now
from approvals.policy import refusal
from approvals.principals import Principal
from workflows_app.api.answers import RefusedError, problem
from workflows_app.api.auth import caller
from workflows_app.credentials import tokens
from workflows_app.models import ApiToken

pytestmark = pytest.mark.django_db


def call(header: str | None) -> HttpResponse:
    """Say who calls with this Authorization header, as the API does."""
    headers = {} if header is None else {"Authorization": header}
    request = RequestFactory(headers=headers).post("/api/x", b"{}", content_type="application/json")
    try:
        return HttpResponse(str(caller(request, "mail:write")))
    except RefusedError as refused:
        return problem(refused.status, refused.sentence)


def token(*scopes: str, **options: object) -> str:
    """The text of a new token."""
    return tokens.make("shop", scopes, by=Principal("person", "mike"), now=database_now(), **options).text


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER"])
def test_a_good_token_opens(kind: str) -> None:
    answer = call(f"{kind} {token('mail:write')}")

    assert (answer.status_code, answer.content) == (200, b"machine:shop")
    assert ApiToken.objects.get().last_used_at is not None


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic bWlrZTpwdw==", "Bearer é", "Bearer x\x00"])
def test_without_a_token_it_is_401(header: str | None) -> None:
    answer = call(header)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_the_scope_is_needed() -> None:
    answer = call(f"Bearer {token('runs:read', 'events:write')}")

    assert answer.status_code == 403
    assert b"mail:write" in answer.content


def test_revoking_counts_at_once() -> None:
    text = token("mail:write")
    assert call(f"Bearer {text}").status_code == 200

    tokens.revoke(ApiToken.objects.get().pk, by=Principal("person", "mike"), now=database_now())

    assert call(f"Bearer {text}").status_code == 401


def test_an_expired_token_is_401() -> None:
    text = token("mail:write", expires_at=database_now() + timedelta(hours=1))
    ApiToken.objects.update(expires_at=database_now())

    assert call(f"Bearer {text}").status_code == 401


def test_the_secret_of_a_wrong_token_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    text = token("runs:read")
    wrong = text[:-4] + "AAAA"

    with caplog.at_level(logging.WARNING, logger="workflows_app"):
        call(f"Bearer {wrong}")
        call(f"Bearer {text}")

    assert len(caplog.records) == 2
    assert text[:16] in caplog.text
    assert text[17:40] not in caplog.text


def test_a_caller_is_a_machine_and_may_not_decide() -> None:
    answer = call(f"Bearer {token('mail:write')}")

    principal = Principal.parse(answer.content.decode())
    assert principal.kind == "machine"
    assert refusal(principal, active=True, has_permission=True)

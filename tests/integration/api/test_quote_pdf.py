"""`POST /api/quote/pdf`: signed calls get a PDF, everything else a sentence."""

from typing import Any

import pytest
from django.test import Client

from approvals.canonical import canonical
from approvals.clock import database_now
from tests.unit.delivery.quotes import quotation
from workflows_app.delivery import signature

PATH = "/api/quote/pdf"

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def post(body: bytes, client: Client | None = None, method: str = "POST", **headers: str) -> Any:
    """Post `body` signed; `headers` replace ours."""
    call = signature.Call(method=method, path=PATH, idempotency_key="k1", body=body)
    signed = signature.sign(call, database_now()) | {name.replace("_", "-"): value for name, value in headers.items()}
    client = client or Client(enforce_csrf_checks=True)
    return client.generic(method, PATH, body, content_type="application/json", headers=signed)


def test_a_signed_quotation_becomes_a_pdf() -> None:
    response = post(canonical(quotation()).encode())

    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response.content.startswith(b"%PDF-")


@pytest.mark.parametrize("header", ["X_Countersign_Signature", "X_Countersign_Timestamp", "Idempotency_Key"])
@pytest.mark.parametrize("value", ["", "0", "é"])
def test_a_call_without_a_valid_signature_is_refused(header: str, value: str) -> None:
    response = post(canonical(quotation()).encode(), **{header: value})

    assert response.status_code == 401
    assert "signed calls only" in response.json()["error"]


def test_a_login_is_no_signature(admin_client: Client) -> None:
    response = admin_client.post(PATH, canonical(quotation()), content_type="application/json")

    assert response.status_code == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post_renders(method: str) -> None:
    assert post(b"", method=method).status_code == 405


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[]", b"1.5", b"NaN", b"[" * 100_000, b'{"total": 1.5}', b"null"]
)
def test_what_is_no_quotation_is_refused_in_a_sentence(body: bytes) -> None:
    response = post(body)

    assert response.status_code == 400
    assert response.json()["error"].endswith(".")


def test_every_problem_is_named_at_once() -> None:
    response = post(canonical(quotation(school_year="soon", revision=0, unknown=1)).encode())

    assert all(name in response.json()["error"] for name in ("school_year", "revision", "unknown"))


def test_a_body_that_is_too_large_is_refused() -> None:
    response = post(b" " * 3_000_000)

    assert response.status_code == 413

"""`/api/docs`: every operation on a page without a script, which the policy of this site needs no exception for."""

import re

import pytest
from django.test import Client

from workflows_app.api.site import api

pytestmark = pytest.mark.once


def test_the_page_names_every_operation_with_its_fields_and_answers(client: Client) -> None:
    page = client.get("/api/docs").content.decode()

    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in page
            assert f'id="{operation["operationId"]}"' in page
            assert all(f"<strong>{status}</strong>" in page for status in operation["responses"])
    for name in ("payload", "workflow_type", "source", "contract_version", "email_uuid", "message/rfc822"):
        assert f"<code>{name}</code>" in page


def test_the_page_needs_nothing_that_the_policy_forbids(client: Client) -> None:
    answer = client.get("/api/docs")
    page = answer.content.decode()

    assert "'self'" in answer["Content-Security-Policy"]
    assert "<script" not in page
    assert not re.search(r"\s(style|on\w+)=", page)
    assert set(re.findall(r'(?:href|src)="([^"#]+)"', page)) == {
        "/static/countersign/favicon.svg", "/static/countersign/api.css", "/api/openapi.json",
        "/workflows_app/apitoken/",
    }  # fmt: skip


def test_the_document_is_there_for_tools(client: Client) -> None:
    answer = client.get("/api/openapi.json")

    assert answer["Content-Type"].startswith("application/json")
    assert answer.json()["paths"].keys() == {
        "/api/events", "/api/inbound-email", "/api/runs/{run_id}", "/api/runs", "/api/proposals",
    }  # fmt: skip
    handed_in = answer.json()["paths"]["/api/inbound-email"]["post"]
    assert handed_in["requestBody"]["content"].keys() == {"message/rfc822"}
    assert handed_in["responses"].keys() == {"200", "201", "400", "401", "403", "413", "415", "422", "503"}


def test_no_operation_decides() -> None:
    named = str(api.get_openapi_schema()["paths"].keys()).lower()

    assert not re.search(r"decide|approve|reject|decision", named)

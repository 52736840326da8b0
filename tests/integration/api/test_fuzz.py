"""The OpenAPI document is true (schemathesis): no 5xx, no answer that it does not name, no change without a token."""

from functools import cache
from typing import Any

import pytest
import schemathesis
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from config.wsgi import application
from tests.integration.api.calling import FORM, headers
from tests.letters_in import hostile, letter
from tests.world import World
from workflows_app.models.api import SCOPES

pytestmark = [pytest.mark.once, pytest.mark.django_db]
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
FEW = settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
MODES = pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
WITHOUT = {401, 405}
MESSAGES = st.sampled_from([letter(), letter(message_id=""), *hostile(8)]) | st.binary(max_size=200)
schemathesis.openapi.media_type("message/rfc822", MESSAGES)


@cache
def operations() -> list[Any]:
    """Every operation of the document, as a machine fetches it."""
    document = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    return [found.ok() for found in document.get_all_operations()]


def rows() -> dict[str, int]:
    """How many rows each table has."""
    return {model._meta.db_table: model._default_manager.count() for model in apps.get_models()}


@MODES
def test_with_a_token_every_answer_is_one_that_the_document_names(world: World, mode: GenerationMode) -> None:
    head = headers(*SCOPES)

    for operation in operations():

        @given(case=operation.as_strategy(generation_mode=mode))
        @FEW
        def answers(case: Any) -> None:
            case.call_and_validate(headers=head, checks=CHECKS)

        answers()


@MODES
def test_without_a_token_nothing_changes(world: World, mode: GenerationMode) -> None:
    before = rows()

    for operation in operations():

        @given(case=operation.as_strategy(generation_mode=mode))
        @FEW
        def answers(case: Any) -> None:
            answer = case.call(headers={"Authorization": "Bearer cst_0_0"})
            assert answer.status_code in WITHOUT

        answers()

    assert rows() == before


def test_a_message_is_taken_as_the_document_says(world: World) -> None:
    [hand_in] = [operation for operation in operations() if operation.label == "POST /api/inbound-email"]
    message = hand_in.Case(body=letter(), media_type="message/rfc822")

    answers = [message.call_and_validate(headers=headers(*SCOPES), checks=CHECKS) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]


def test_a_real_run_reads_as_the_document_says(world: World) -> None:
    head = headers(*SCOPES)
    by_name = {operation.label: operation for operation in operations()}
    wish = {"workflow_type": "new_customer", "inputs": FORM, "key": "k1"}

    started = by_name["POST /api/runs"].Case(body=wish, media_type="application/json")
    run_id = started.call_and_validate(headers=head, checks=CHECKS).json()["run_id"]
    read = by_name["GET /api/runs/{run_id}"].Case(path_parameters={"run_id": run_id})
    listed = by_name["GET /api/proposals"].Case()

    assert read.call_and_validate(headers=head, checks=CHECKS).json()["status"] == "awaiting_approval"
    assert [row["run_id"] for row in listed.call_and_validate(headers=head, checks=CHECKS).json()] == [run_id]

"""`hitl_email_draft`: a letter that waits for its own decision."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.planning import contract_of, describe_step, plan_step
from workflows_app.contracts.values import thaw
from workflows_app.steps.base import PlanningError, StepSkippedError

STEP = {
    "name": "letter",
    "kind": "hitl_email_draft",
    "tool": "propose_email_to_customer",
    "to": "${{ customer.email }}",
    "customer_id": "${{ customer.id }}",
    "customer_name": "${{ customer.name }}",
    "subject": "Hello ${{ customer.name }}",
    "body": "Dear ${{ customer.name }}",
}
RENDER = {
    "name": "render",
    "kind": "http_call",
    "if": "wanted",
    "method": "POST",
    "path": "/api/x",
    "produces": ["x/${{ customer.id }}.pdf"],
}
ATTACH = STEP | {"attach": [{"step": "render", "name": "price list.pdf"}]}
LEE = {"id": "42", "name": "Lee", "email": "lee@example.org"}


def letter(effects: Any) -> Any:
    (proposal,) = effects
    (email,) = proposal["on_approve"]
    return email


def test_the_letter_waits_inside_a_proposal() -> None:
    (proposal,) = plan_step(STEP, customer=LEE)

    assert (proposal["kind"], proposal["action_type"]) == ("proposal.stage", "customer_email")
    assert (proposal["entity_type"], proposal["entity_ref"], proposal["customer_name"]) == ("customer", "42", "Lee")
    assert proposal["title"] == "Email to lee@example.org: Hello Lee"


def test_the_letter_is_written_when_it_is_planned() -> None:
    email = letter(plan_step(STEP, customer=LEE))

    assert (email["kind"], email["to"]) == ("email.send", "lee@example.org")
    assert (email["subject"], email["body"]) == ("Hello Lee", "Dear Lee")
    assert (email["related_customer_id"], email["related_quote_id"]) == ("42", None)
    assert email["editable"] == ["subject", "body"]


def test_a_quote_is_sent_as_quote_email_about_the_quote() -> None:
    step = STEP | {"tool": "send_quote_to_customer", "quote_id": "cs-est-1", "quote_revision": "${{ quote.revision }}"}

    (proposal,) = plan_step(step, customer=LEE, quote={"revision": 2})

    assert (proposal["action_type"], proposal["entity_type"]) == ("quote_email", "quote")
    assert letter([proposal])["related_quote_id"] == "cs-est-1"
    assert letter([proposal])["related_quote_revision"] == 2


def test_a_letter_about_a_quote_says_which_revision_it_tells_of() -> None:
    with pytest.raises(ValidationError, match="quote_id and quote_revision belong together"):
        contract_of(STEP | {"quote_id": "cs-est-1"})


def test_a_revision_that_is_no_number_is_refused() -> None:
    step = STEP | {"tool": "send_quote_to_customer", "quote_id": "cs-est-1", "quote_revision": "latest"}

    with pytest.raises(PlanningError, match="'latest' is not the number of a revision"):
        plan_step(step, customer=LEE)


@pytest.mark.parametrize("email", [None, "", "  "])
def test_without_an_address_on_file_there_is_no_letter(email: str | None) -> None:
    with pytest.raises(StepSkippedError, match="Lee has no email address on file"):
        plan_step(STEP, customer=LEE | {"email": email})


@pytest.mark.parametrize("email", ["not-an-address", "a@b.example, c@d.example", "a@b.example\r\nBcc: x@y.example"])
def test_an_address_that_is_none_is_no_address(email: str) -> None:
    with pytest.raises(StepSkippedError, match="Lee: "):
        plan_step(STEP, customer=LEE | {"email": email})


def test_a_subject_with_a_line_break_is_refused() -> None:
    with pytest.raises(PlanningError, match="line break"):
        plan_step(STEP, customer=LEE | {"name": "Lee\nBcc: x@y.example"})


def test_an_attachment_is_named_and_its_hash_is_fixed_later() -> None:
    email = letter(plan_step(ATTACH, RENDER, customer=LEE, wanted=True))

    assert email["attachments"] == [
        {"name": "price list.pdf", "key": "x/42.pdf", "sha256": {"placeholder": "artifact_sha256", "of": "render"}}
    ]


def test_what_was_not_rendered_is_not_attached() -> None:
    assert letter(plan_step(ATTACH, RENDER, customer=LEE, wanted=False))["attachments"] == []


def test_a_step_that_produces_nothing_cannot_be_attached() -> None:
    with pytest.raises(PlanningError, match="render produces nothing"):
        plan_step(ATTACH, RENDER | {"produces": []}, customer=LEE, wanted=True)


def test_recheck_rules_keep_the_context_that_they_name_and_no_other() -> None:
    step = STEP | {"recheck": ["customer.email = was.customer.email"]}

    (proposal,) = plan_step(step, customer=LEE, secret="x")

    assert proposal["recheck"] == ["customer.email = was.customer.email"]
    assert thaw(proposal["was"]) == {"customer": LEE}


def test_a_template_with_a_missing_value_is_refused() -> None:
    step = {key: value for key, value in STEP.items() if key not in ("subject", "body")}

    with pytest.raises(PlanningError, match="no value for"):
        plan_step(step | {"template": "welcome_customer", "values": {"company_name": "Lee"}}, customer=LEE)


def test_the_page_says_that_it_is_a_draft() -> None:
    (change,) = describe_step(STEP)

    assert (change.resource, change.action) == (
        "proposed_actions",
        "INSERT (email draft via propose_email_to_customer)",
    )

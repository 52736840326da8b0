"""`flag`: a proposal about an element that needs a person."""

import pytest
from pydantic import ValidationError

from tests.planning import describe_step, plan_step
from workflows_app.contracts.values import thaw
from workflows_app.steps.base import StepSkippedError

STEP = {
    "name": "hold",
    "kind": "flag",
    "for_each": "aging",
    "as": "customer",
    "key": "id",
    "action": "stage propose_customer_program with type=service_hold",
    "skip_when": [{"rule": "customer.id IN (on_hold.id)", "reason": "on service hold already"}],
    "payload": {"customer_id": "${{ customer.id }}"},
    "on_approve": [
        {
            "insert": "customer_programs",
            "values": {
                "customer_id": "${{ customer.id }}",
                "type": "service_hold",
                "name": "Service hold",
                "starts_at": {"placeholder": "now"},
            },
        }
    ],
    "recheck": ["customer.owes = was.owes"],
}
LEE = {"id": "42", "owes": 30_000}


def test_the_action_names_the_proposal_and_its_payload() -> None:
    (proposal,) = plan_step(STEP, element=LEE, on_hold=[])

    assert proposal["action_type"] == "propose_customer_program"
    assert proposal["payload"] == {"customer_id": "42", "type": "service_hold"}
    assert [effect["table"] for effect in proposal["on_approve"]] == ["customer_programs"]


def test_the_element_is_kept_for_the_recheck() -> None:
    (proposal,) = plan_step(STEP, element=LEE, on_hold=[])

    assert (proposal["for_each"], proposal["alias"], proposal["key"]) == ("aging", "customer", "id")
    assert thaw(proposal["was"]) == LEE


def test_an_element_is_skipped_with_the_reason() -> None:
    with pytest.raises(StepSkippedError, match="on service hold already"):
        plan_step(STEP, element=LEE, on_hold=[{"id": "42"}])


def test_elements_do_not_share_ids() -> None:
    (one,) = plan_step(STEP, element=LEE, on_hold=[])
    (other,) = plan_step(STEP, element=LEE | {"id": "43"}, on_hold=[])

    assert one["id"] != other["id"]
    assert one["on_approve"][0]["id"] != other["on_approve"][0]["id"]


@pytest.mark.parametrize("action", ["delete everything", "stage", "stage x with y", "stage Program"])
def test_an_action_that_stages_nothing_is_refused(action: str) -> None:
    with pytest.raises(ValidationError):
        plan_step(STEP | {"action": action}, element=LEE, on_hold=[])


def test_the_page_shows_the_proposal_and_what_its_approval_changes() -> None:
    assert [(change.resource, change.action) for change in describe_step(STEP)] == [
        ("proposed_actions", "INSERT (action_type=propose_customer_program, entity_type=workflow_run)"),
        ("customer_programs", "INSERT (when approved)"),
    ]

"""`stage_proposed_action`: a proposal whose approval does what the contract spells out."""

from decimal import Decimal

import pytest

from tests.planning import describe_step, plan_step
from workflows_app.steps.base import PlanningError

DISPUTE = {
    "insert": "ar_disputes",
    "values": {"customer_id": "${{ customer.id }}", "reason": "late", "opened_at": {"placeholder": "now"}},
}
NOTE = {
    "if": "customer.rep IS NOT NULL",
    "stage": {
        "action_type": "note",
        "on_approve": [
            {"email": {"to": "${{ customer.rep }}", "subject": "About ${{ steps.ask.ar_disputes.id }}", "body": "x"}}
        ],
    },
}
STEP = {
    "name": "ask",
    "kind": "stage_proposed_action",
    "action_type": "customer_escalation",
    "entity_ref": "${{ customer.id }}",
    "customer_name": "${{ customer.name }}",
    "amount": "${{ customer.owes }}",
    "payload": {"id": "${{ customer.id }}"},
    "on_approve": [DISPUTE, NOTE],
}
LEE = {"id": "42", "name": "Lee", "owes": Decimal("12.5"), "rep": "rep@example.org"}


def test_the_proposal_says_what_it_is_about() -> None:
    (proposal,) = plan_step(STEP, customer=LEE)

    assert (proposal["entity_type"], proposal["entity_ref"], proposal["amount"]) == ("workflow_run", "42", "12.50")
    assert (proposal["title"], proposal["payload"]) == ("Customer escalation: Lee", {"id": "42"})
    assert (proposal["window_minutes"], proposal["expires_seconds"]) == (60, 7 * 86400)


def test_its_effects_are_frozen_with_it() -> None:
    (proposal,) = plan_step(STEP, customer=LEE)

    assert [effect["kind"] for effect in proposal["on_approve"]] == ["row.insert", "proposal.stage"]


def test_a_later_operation_knows_the_row_of_an_earlier_one_also_inside_a_further_proposal() -> None:
    (proposal,) = plan_step(STEP, customer=LEE)
    dispute, note = proposal["on_approve"]

    assert note["on_approve"][0]["subject"] == f"About {dispute['id']}"
    assert note["id"] != proposal["id"]


def test_an_operation_whose_condition_does_not_hold_has_no_effect() -> None:
    (proposal,) = plan_step(STEP, customer=LEE | {"rep": None})

    assert [effect["kind"] for effect in proposal["on_approve"]] == ["row.insert"]


def test_a_letter_to_nobody_is_left_out() -> None:
    (proposal,) = plan_step(STEP, customer=LEE | {"rep": "nobody"})

    assert proposal["on_approve"][1]["on_approve"] == []


def test_a_proposal_waits_for_a_person_whatever_the_risk_of_its_run() -> None:
    (proposal,) = plan_step(STEP, customer=LEE)

    assert proposal["risk_level"] == 3


def test_elements_can_be_unticked() -> None:
    ticked = DISPUTE | {"for_each": "late", "as": "each", "tick": True}

    (proposal,) = plan_step(STEP | {"on_approve": [ticked]}, customer=LEE, late=[{"id": "b"}, {"id": "a"}])

    assert [(effect["element"], effect["tick"]) for effect in proposal["on_approve"]] == [("a", True), ("b", True)]
    assert all(effect["editable"] == ["tick"] for effect in proposal["on_approve"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amount": "much"}, "'much' is not an amount of money"),
        ({"entity_ref": "x" * 201}, "entity_ref has 201 characters"),
    ],
)
def test_a_proposal_that_cannot_be_stored_is_refused(changes: dict[str, str], message: str) -> None:
    with pytest.raises(PlanningError, match=message):
        plan_step(STEP | changes, customer=LEE)


def test_the_page_shows_the_proposal_and_what_its_approval_changes() -> None:
    assert [(change.resource, change.action) for change in describe_step(STEP)] == [
        ("proposed_actions", "INSERT (action_type=customer_escalation, entity_type=workflow_run)"),
        ("ar_disputes", "INSERT (when approved)"),
        ("proposed_actions", "INSERT (action_type=note) (when approved)"),
    ]

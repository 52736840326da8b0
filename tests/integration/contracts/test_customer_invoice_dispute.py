"""customer_invoice_dispute: what it checks and what it would do."""

from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.planning import Read, read_contract
from workflows_app.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Customer:
    rep = factories.SalesRepFactory()
    found: Customer = factories.CustomerFactory(sales_rep=rep.id)
    return found


def dispute(customer: Customer | None = None, **inputs: Any) -> Read:
    given = {"email_uuid": "u-1", "customer_id": customer and customer.id, "reason_text": "Short by two cases."}
    return read_contract("customer_invoice_dispute.v2", {**given, **inputs})


def letter(found: Read) -> Any:
    return found.effects("draft_response")[0]["on_approve"][0]


def test_the_answer_goes_to_the_address_on_file_and_cites_the_invoice(customer: Customer) -> None:
    factories.TransactionFactory(customer_id=customer.id, tranid="INV7", foreigntotal=Decimal("731.25"))
    factories.CustomerPaymentFactory(customer_id=customer.id, amount=Decimal("51.50"))

    answer = letter(dispute(customer, invoice_ref="INV7"))

    assert (answer["to"], answer["related_customer_id"]) == (customer.email, customer.id)
    assert "INV7" in answer["subject"]
    assert "$731.25" in answer["body"]
    assert "$51.50" in answer["body"]


def test_the_invoice_of_another_customer_is_never_cited(customer: Customer) -> None:
    factories.TransactionFactory(customer_id="another", tranid="INV7", foreigntotal=Decimal("731.25"))

    found = dispute(customer, invoice_ref="INV7")

    assert found.checks["invoice_exists"]
    assert "INV7" not in letter(found)["subject"] + letter(found)["body"]
    assert "731.25" not in letter(found)["body"]


def test_an_invoice_that_is_nowhere_is_a_warning(customer: Customer) -> None:
    assert not dispute(customer, invoice_ref="INV7").checks["invoice_exists"]
    assert dispute(customer).checks["invoice_exists"]


def test_without_a_known_customer_nobody_is_written_to() -> None:
    found = dispute(None)
    (escalation,) = found.effects("escalate")

    assert "no email address on file" in found.skipped("draft_response")
    assert (escalation["entity_ref"], escalation["on_approve"]) == ("u-1", [])


def test_a_letter_about_a_balance_that_changed_is_checked_again(customer: Customer) -> None:
    factories.TransactionFactory(customer_id=customer.id, tranid="INV7")

    (draft,) = dispute(customer, invoice_ref="INV7").effects("draft_response")

    assert len(draft["recheck"]) == 2
    assert set(draft["was"]) == {"customer", "own_invoice"}


def test_an_escalation_opens_a_dispute_and_drafts_a_note_to_the_representative(customer: Customer) -> None:
    (escalation,) = dispute(customer).effects("escalate")
    opened, note = escalation["on_approve"]

    assert (escalation["action_type"], escalation["entity_type"]) == ("customer_escalation", "customer")
    assert (opened["table"], opened["values"]["status"]) == ("ar_disputes", "escalated")
    assert (note["kind"], note["on_approve"][0]["kind"]) == ("proposal.stage", "email.send")


@pytest.mark.parametrize(("prior", "asked"), [(0, False), (1, False), (2, True), (3, True)])
def test_the_hold_is_asked_for_from_the_second_open_dispute_on(customer: Customer, prior: int, asked: bool) -> None:
    factories.ArDisputeFactory.create_batch(prior, customer_id=customer.id)
    factories.ArDisputeFactory(customer_id=customer.id, resolved=True)

    assert bool(dispute(customer).effects("ar_hold_decision")) is asked


def test_a_hold_pauses_dunning_and_service(customer: Customer) -> None:
    factories.ArDisputeFactory.create_batch(2, customer_id=customer.id)

    (review,) = dispute(customer).effects("ar_hold_decision")

    assert [(effect["kind"], effect["table"]) for effect in review["on_approve"]] == [
        ("row.update", "ar_disputes"),
        ("row.update", "ar_disputes"),
        ("row.insert", "customer_programs"),
        ("row.update", "customers"),
    ]
    assert review["on_approve"][-1]["was"] == {"entitystatus": "active"}


def test_a_service_hold_that_is_there_is_not_doubled(customer: Customer) -> None:
    factories.ArDisputeFactory.create_batch(2, customer_id=customer.id)
    factories.CustomerProgramFactory(customer_id=customer.id, service_hold=True)

    (review,) = dispute(customer).effects("ar_hold_decision")

    assert "customer_programs" not in {effect["table"] for effect in review["on_approve"]}

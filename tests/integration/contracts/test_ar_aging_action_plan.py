"""ar_aging_action_plan: who gets which letter, whose service is held, who is told."""

from decimal import Decimal
from typing import Any

import pytest

from approvals.models import Decision
from tests import factories
from tests.planning import Read, read_contract
from workflows_app.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Customer:
    rep = factories.SalesRepFactory()
    found: Customer = factories.CustomerFactory(sales_rep=rep.id)
    return found


def owes(customer: Customer, days: int = 10, amount: str = "100.00", **changes: Any) -> Any:
    invoice = factories.TransactionFactory(customer_id=customer.id, overdue=days)
    return factories.ArAgingFactory(
        customer_id=customer.id,
        customer_name=customer.companyname,
        transaction_id=invoice.id,
        tranid=invoice.tranid,
        days_overdue=days,
        amount=Decimal(amount),
        **changes,
    )


def read() -> Read:
    return read_contract("ar_aging_action_plan.v2")


def test_a_fresh_sync_is_needed() -> None:
    factories.SyncLogFactory(stale=True)
    assert not read().checks["aging_data_fresh"]

    factories.SyncLogFactory()
    assert read().checks["aging_data_fresh"]


def test_the_letter_lists_the_open_invoices_and_their_sum(customer: Customer) -> None:
    first, second = owes(customer, 10, "100.00"), owes(customer, 40, "50.25")

    (proposal,) = read().effects("draft_per_tier", customer.id)
    body = proposal["on_approve"][0]["body"]

    assert (proposal["action_type"], proposal["payload"]["tier"]) == ("collection_action", "firm_reminder")
    assert proposal["amount"] == "150.25"
    assert first.tranid in body
    assert second.tranid in body


def test_what_is_not_due_yet_is_nobody_s_debt(customer: Customer) -> None:
    owes(customer, 0)

    assert read().items("draft_per_tier") == []


def test_an_invoice_in_dispute_is_left_out(customer: Customer) -> None:
    disputed, other = owes(customer, 70, "900.00"), owes(customer, 10, "100.00")
    factories.ArDisputeFactory(customer_id=customer.id, invoice_ref=disputed.tranid)

    found = read()
    (proposal,) = found.effects("draft_per_tier", customer.id)

    assert (proposal["payload"]["tier"], proposal["amount"]) == ("friendly_reminder", "100.00")
    assert disputed.tranid not in proposal["on_approve"][0]["body"]
    assert [row["tranid"] for row in found.context["left_out"]] == [disputed.tranid]
    assert other.tranid in proposal["on_approve"][0]["body"]


def test_paused_dunning_stops_every_letter_to_the_customer(customer: Customer) -> None:
    owes(customer)
    factories.ArDisputeFactory(customer_id=customer.id, pausing=True)

    assert read().items("draft_per_tier") == []


@pytest.mark.parametrize("status", ["resolved"])
def test_a_resolved_dispute_stops_nothing(customer: Customer, status: str) -> None:
    row = owes(customer)
    factories.ArDisputeFactory(customer_id=customer.id, invoice_ref=row.tranid, status=status, dunning_paused=True)

    assert read().items("draft_per_tier") == [customer.id]


def test_a_customer_contacted_three_days_ago_gets_no_second_letter(customer: Customer) -> None:
    owes(customer)
    factories.contacted(customer, at=factories.moment(days=3))

    found = read()

    assert found.items("draft_per_tier") == []
    assert "sent 3 days ago" in found.skipped("draft_per_tier", customer.id)


def test_when_the_pause_is_over_the_next_letter_is_drafted(customer: Customer) -> None:
    owes(customer)
    factories.contacted(customer, at=factories.moment(days=8))

    assert read().items("draft_per_tier") == [customer.id]


def test_a_pending_letter_is_enough(customer: Customer) -> None:
    owes(customer)
    factories.ProposedActionFactory(entity_ref=customer.id)

    assert "already waiting" in read().skipped("draft_per_tier", customer.id)


@pytest.mark.parametrize(("hours", "drafted"), [(20, False), (25, True)])
def test_a_rejection_pauses_a_day(customer: Customer, django_user_model: Any, hours: int, drafted: bool) -> None:
    owes(customer)
    proposal = factories.ProposedActionFactory(entity_ref=customer.id, rejected=True)
    Decision.objects.create(
        seq=1,
        proposal=proposal,
        user=django_user_model.objects.create(username="mike"),
        principal="person:mike",
        channel="admin",
        verdict="reject",
        digest_shown="",
        digest_decided="",
        decided_at=factories.moment(hours=hours),
        previous_hash="0" * 64,
        hash="1" * 64,
    )

    assert bool(read().items("draft_per_tier")) is drafted


def test_the_letter_is_closed_when_the_balance_does_not_stand(customer: Customer) -> None:
    owes(customer)

    (proposal,) = read().effects("draft_per_tier", customer.id)

    assert proposal["recheck"][0] == "sum(aging_row.rows.amount) = sum(was.rows.amount)"
    assert (proposal["for_each"], proposal["alias"], proposal["key"]) == ("dunning", "aging_row", "customer_id")


@pytest.mark.parametrize(
    ("days", "amount", "held"),
    [(91, "25000.01", True), (90, "25000.01", False), (91, "25000.00", False), (200, "99999.00", True)],
)
def test_the_service_hold_needs_both_age_and_amount(customer: Customer, days: int, amount: str, held: bool) -> None:
    owes(customer, days, amount)

    assert bool(read().items("pause_on_hold_check")) is held


def test_a_service_hold_inserts_the_program_and_sets_the_status(customer: Customer) -> None:
    owes(customer, 120, "30000.00")

    (proposal,) = read().effects("pause_on_hold_check", customer.id)
    program, status = proposal["on_approve"]

    assert proposal["action_type"] == "propose_customer_program"
    assert (proposal["payload"]["type"], program["values"]["type"]) == ("service_hold", "service_hold")
    assert (status["set"], status["was"]) == ({"entitystatus": "hold"}, {"entitystatus": "active"})


def test_a_hold_that_is_there_or_asked_for_is_not_asked_for_again(customer: Customer) -> None:
    other = factories.CustomerFactory()
    owes(customer, 120, "30000.00")
    owes(other, 120, "30000.00")
    factories.CustomerProgramFactory(customer_id=customer.id, service_hold=True)
    factories.ProposedActionFactory(action_type="propose_customer_program", entity_ref=other.id)

    found = read()

    assert "on service hold already" in found.skipped("pause_on_hold_check", customer.id)
    assert "proposed or rejected lately" in found.skipped("pause_on_hold_check", other.id)


def test_each_representative_gets_one_digest(customer: Customer) -> None:
    colleague = factories.CustomerFactory(sales_rep=customer.sales_rep)
    owes(customer)
    owes(customer, 40)
    owes(colleague)

    found = read()
    (proposal,) = found.effects("sales_rep_notify", str(customer.sales_rep))

    assert found.items("sales_rep_notify") == [customer.sales_rep]
    assert customer.companyname in proposal["on_approve"][0]["body"]
    assert colleague.companyname in proposal["on_approve"][0]["body"]

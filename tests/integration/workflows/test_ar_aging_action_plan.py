"""AR collections: who is due for which letter, who is not, service holds, and debts that are paid meanwhile."""

from decimal import Decimal

import pytest
from django.core import mail

from approvals.canonical import parse
from approvals.models import ProposedAction
from tests import factories
from tests.company import customer, invoice, pay
from tests.world import World, ago, failed_checks, skipped, status, steps
from workflows_app.models import ArAging, Customer, CustomerProgram, OutboundEmail, SyncLog, VerifyResult, WorkflowRun
from workflows_app.runner.verify import run_due

AGING = "ar_aging_action_plan"


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer without debts; payments were read an hour ago."""
    factories.SyncLogFactory(started_at=ago(hours=1), completed_at=ago(hours=1))
    return customer("Oak School")


def letters(run: WorkflowRun) -> dict[str, str]:
    """The tier of each staged collection letter, by customer id."""
    staged = ProposedAction.objects.filter(run_id=run.pk, action_type="collection_action")
    return {proposal.entity_ref: parse(proposal.payload)["tier"] for proposal in staged}


def draft(world: World, who: Customer) -> ProposedAction:
    """The pending letter to a customer, from a run of its own."""
    return world.leaf(world.through_the_gate(AGING), "draft_per_tier", item=who.pk)


@pytest.mark.parametrize(
    ("days", "tier"),
    [
        (1, "friendly_reminder"),
        (30, "friendly_reminder"),
        (31, "firm_reminder"),
        (60, "firm_reminder"),
        (61, "formal_demand"),
        (90, "formal_demand"),
        (91, "final_notice"),
        (400, "final_notice"),
    ],
)
def test_the_oldest_debt_chooses_the_tier(world: World, oak: Customer, days: int, tier: str) -> None:
    invoice(oak, "100.00", overdue=days)
    invoice(oak, "900.00", overdue=1)

    run = world.through_the_gate(AGING)

    assert letters(run) == {oak.pk: tier}


@pytest.mark.parametrize("days", [0, -5])
def test_nobody_is_reminded_of_what_is_not_overdue(world: World, oak: Customer, days: int) -> None:
    invoice(oak, "100.00", overdue=days)

    run = world.through_the_gate(AGING)

    assert letters(run) == {}
    assert run.status == "completed"


def test_only_the_final_notice_asks_for_a_call(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=91)
    elm = customer("Elm School")
    invoice(elm, "100.00", overdue=90)

    run = world.through_the_gate(AGING)

    calls = {proposal.entity_ref: parse(proposal.payload)["call"] for proposal in _staged(run)}
    assert calls == {oak.pk: True, elm.pk: False}


def test_the_letter_states_every_open_invoice_and_the_total(world: World, oak: Customer) -> None:
    first, second = invoice(oak, "100.00", overdue=40), invoice(oak, "1234.50", overdue=5)

    letter = parse(draft(world, oak).effects)["on_approve"][0]

    assert letter["to"] == oak.email
    assert first.tranid in letter["body"]
    assert second.tranid in letter["body"]
    assert "1,334.50" in letter["body"]


# --- service holds ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "amount", "flagged"),
    [
        (91, "25000.01", True),
        (90, "25000.01", False),
        (91, "25000.00", False),
        (90, "25000.00", False),
    ],
)
def test_a_service_hold_needs_an_old_and_a_large_debt(
    world: World, oak: Customer, days: int, amount: str, flagged: bool
) -> None:
    invoice(oak, amount, overdue=days)

    run = world.through_the_gate(AGING)

    assert ProposedAction.objects.filter(run_id=run.pk, action_type="propose_customer_program").exists() is flagged


def test_approving_a_service_hold_places_it(world: World, oak: Customer) -> None:
    invoice(oak, "30000.00", overdue=120)
    hold = world.leaf(world.through_the_gate(AGING), "pause_on_hold_check", item=oak.pk)
    assert Customer.objects.get(pk=oak.pk).entitystatus == "active"

    world.approve(hold)

    program = CustomerProgram.objects.get(customer_id=oak.pk)
    assert parse(hold.payload) == {"customer_id": oak.pk, "type": "service_hold"}
    assert (program.type, program.status) == ("service_hold", "active")
    assert Customer.objects.get(pk=oak.pk).entitystatus == "hold"


def test_a_service_hold_whose_debt_was_paid_is_closed(world: World, oak: Customer) -> None:
    debt = invoice(oak, "30000.00", overdue=120)
    hold = world.leaf(world.through_the_gate(AGING), "pause_on_hold_check", item=oak.pk)
    pay(debt)

    result = world.approve(hold)

    assert result.outcome == "closed"
    assert Customer.objects.get(pk=oak.pk).entitystatus == "active"
    assert not CustomerProgram.objects.exists()


def test_a_customer_on_service_hold_is_not_flagged_again(world: World, oak: Customer) -> None:
    invoice(oak, "30000.00", overdue=120)
    factories.CustomerProgramFactory(customer_id=oak.pk, service_hold=True)

    run = world.start(AGING)

    assert "on service hold already" in skipped(run, "pause_on_hold_check")


def test_each_sales_rep_gets_one_digest(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=10)
    invoice(oak, "50.00", overdue=20)
    elm = customer("Elm School", sales_rep=oak.sales_rep)
    invoice(elm, "70.00", overdue=40)

    run = world.through_the_gate(AGING)

    [digest] = ProposedAction.objects.filter(run_id=run.pk, step="sales_rep_notify")
    letter = parse(digest.effects)["on_approve"][0]
    assert letter["to"] == "asa@example.org"
    assert "Oak School" in letter["body"]
    assert "Elm School" in letter["body"]
    assert digest.amount == Decimal("220.00")


# --- the world moves on -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["before the decision", "after the decision"])
def test_a_payment_drops_that_customer_visibly_and_no_other(world: World, oak: Customer, moment: str) -> None:
    elm = customer("Elm School")
    paid, _ = invoice(oak, "100.00", overdue=10), invoice(elm, "200.00", overdue=10)
    run = world.start(AGING)
    if moment == "after the decision":
        world.decide(world.gate(run))
    pay(paid)

    world.work() if moment == "after the decision" else world.approve(world.gate(run))

    dropped = run.steps.get(step="draft_per_tier", item=oak.pk)
    assert status(run) == "completed"
    assert letters(run) == {elm.pk: "friendly_reminder"}
    assert (dropped.status, dropped.error) == ("dropped", "it is no longer there")
    assert steps(run)[f"draft_per_tier {elm.pk}"] == "done"


def test_a_part_payment_stages_the_letter_about_what_is_left(world: World, oak: Customer) -> None:
    paid, _ = invoice(oak, "100.00", overdue=40), invoice(oak, "60.00", overdue=10)
    run = world.start(AGING)
    pay(paid)

    world.approve(world.gate(run))

    proposal = world.leaf(run, "draft_per_tier", item=oak.pk)
    assert proposal.amount == Decimal("60.00")
    assert letters(run) == {oak.pk: "friendly_reminder"}


@pytest.mark.parametrize("part", ["all", "a cent"])
def test_a_letter_whose_debt_changed_is_closed_and_not_sent(world: World, oak: Customer, part: str) -> None:
    debt = invoice(oak, "100.00", overdue=10)
    letter = draft(world, oak)
    pay(debt) if part == "all" else ArAging.objects.update(amount=Decimal("99.99"))

    result = world.approve(letter)
    world.deliver()

    letter.refresh_from_db()
    assert result.outcome == letter.status == "closed"
    assert "does not hold any more" in letter.closed_reason
    assert not OutboundEmail.objects.exists()
    assert mail.outbox == []


def test_a_letter_to_an_address_that_changed_is_closed(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=10)
    letter = draft(world, oak)
    Customer.objects.filter(pk=oak.pk).update(email="new@example.org")

    assert world.approve(letter).outcome == "closed"


def test_an_older_debt_alone_does_not_close_the_letter(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=10)
    letter = draft(world, oak)
    ArAging.objects.update(days_overdue=11)

    assert world.approve(letter).outcome == "approved"


# --- checks -----------------------------------------------------------------------------------------------------------


def test_stale_aging_warns(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=10)
    SyncLog.objects.update(completed_at=ago(hours=25))

    run = world.start(AGING)

    assert run.status == "awaiting_approval"
    assert failed_checks(run) == ["aging_data_fresh"]


def test_aging_that_went_stale_before_the_decision_is_shown_first(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=10)
    run = world.start(AGING)
    SyncLog.objects.update(completed_at=ago(hours=25))

    result = world.approve(world.gate(run))

    assert result.outcome == "superseded"
    assert "aging_data_fresh" in world.gate(run).difference


def test_verify_counts_the_letters_that_were_due(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=10)
    run = world.through_the_gate(AGING)

    run_due(ago(minutes=-1))

    assert VerifyResult.objects.get(run=run).status == "pass"


def _staged(run: WorkflowRun) -> list[ProposedAction]:
    return list(ProposedAction.objects.filter(run_id=run.pk, action_type="collection_action"))

"""AR collections: who gets no letter now, because of an earlier one or a dispute."""

from datetime import datetime
from decimal import Decimal

import pytest
from django.core import mail

from approvals.canonical import parse
from approvals.models import Decision, ProposedAction
from tests import factories
from tests.company import customer, invoice
from tests.world import World, ago, skipped
from workflows_app.models import Customer, OutboundEmail, WorkflowRun

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


def contacted(who: Customer, at: datetime) -> OutboundEmail:
    """A collection letter that was sent to the customer at this moment."""
    return factories.contacted(who, at=at)


def draft(world: World, who: Customer) -> ProposedAction:
    """The pending letter to a customer, from a run of its own."""
    return world.leaf(world.through_the_gate(AGING), "draft_per_tier", item=who.pk)


@pytest.mark.parametrize(
    ("overdue", "days_since", "written_to"),
    [
        (10, 3, False),
        (10, 6.9, False),
        (10, 7.1, True),
        (45, 6.9, False),
        (45, 7.1, True),
        (75, 4.9, False),
        (75, 5.1, True),
        (120, 2.9, False),
        (120, 3.1, True),
    ],
)
def test_a_customer_contacted_lately_gets_no_second_letter(
    world: World, oak: Customer, overdue: int, days_since: float, written_to: bool
) -> None:
    invoice(oak, "100.00", overdue=overdue)
    contacted(oak, ago(days=days_since))

    run = world.through_the_gate(AGING)

    assert (oak.pk in letters(run)) is written_to


def test_why_nobody_writes_again_shows_in_the_plan(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=10)
    contacted(oak, ago(days=3, hours=1))

    run = world.start(AGING)

    assert skipped(run, "draft_per_tier") == "the last letter was sent 3 days ago; friendly_reminder waits 7 days"


def test_a_letter_of_another_kind_does_not_count_as_contact(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=10)
    factories.contacted(oak, at=ago(days=1), action_type="quote_email")

    assert letters(world.through_the_gate(AGING)) == {oak.pk: "friendly_reminder"}


def test_a_letter_to_somebody_else_does_not_count_as_contact(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=10)
    contacted(customer("Elm School"), ago(days=1))

    assert letters(world.through_the_gate(AGING)) == {oak.pk: "friendly_reminder"}


def test_a_letter_that_failed_does_not_count_as_contact(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=10)
    OutboundEmail.objects.filter(pk=contacted(oak, ago(days=1)).pk).update(status="failed", sent_at=None)

    assert letters(world.through_the_gate(AGING)) == {oak.pk: "friendly_reminder"}


def test_a_letter_of_unknown_fate_counts_as_contact(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=10)
    OutboundEmail.objects.filter(pk=contacted(oak, ago(days=1)).pk).update(status="uncertain", sent_at=None)

    assert letters(world.through_the_gate(AGING)) == {}


@pytest.mark.parametrize(("hours", "written_to"), [(23, False), (48, True)])
def test_a_rejection_pauses_one_day(world: World, oak: Customer, hours: int, written_to: bool) -> None:
    invoice(oak, "100.00", overdue=10)
    world.decide(draft(world, oak), "reject", reason="They called, and pay on Friday")
    Decision.objects.filter(verdict="reject").update(decided_at=ago(hours=hours))

    run = world.through_the_gate(AGING)

    assert (oak.pk in letters(run)) is written_to


def test_a_pending_letter_means_no_other(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=10)
    world.through_the_gate(AGING)

    run = world.through_the_gate(AGING)

    assert letters(run) == {}
    assert "already waiting" in skipped(run, "draft_per_tier")


def test_a_letter_sent_through_the_whole_way_pauses_the_next(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=10)
    world.approve(draft(world, oak))
    world.deliver()

    run = world.through_the_gate(AGING)

    assert len(mail.outbox) == 1
    assert letters(run) == {}


# --- disputes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["open", "escalated"])
def test_a_disputed_invoice_is_left_out_of_the_letter(world: World, oak: Customer, state: str) -> None:
    disputed, other = invoice(oak, "5000.00", overdue=95), invoice(oak, "100.00", overdue=10)
    factories.ArDisputeFactory(customer_id=oak.pk, invoice_ref=disputed.tranid, status=state)

    proposal = draft(world, oak)

    body = parse(proposal.effects)["on_approve"][0]["body"]
    assert parse(proposal.payload)["tier"] == "friendly_reminder"
    assert proposal.amount == Decimal("100.00")
    assert other.tranid in body
    assert disputed.tranid not in body


def test_a_customer_whose_only_debt_is_disputed_gets_no_letter(world: World, oak: Customer) -> None:
    disputed = invoice(oak, "5000.00", overdue=95)
    factories.ArDisputeFactory(customer_id=oak.pk, invoice_ref=disputed.tranid)

    run = world.through_the_gate(AGING)

    assert letters(run) == {}
    assert "1 invoices left out because of disputes" in world.gate(run).title


def test_paused_dunning_stops_all_letters_of_the_customer(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=10)
    factories.ArDisputeFactory(customer_id=oak.pk, pausing=True)

    assert letters(world.through_the_gate(AGING)) == {}


def test_a_resolved_dispute_stops_nothing(world: World, oak: Customer) -> None:
    old = invoice(oak, "100.00", overdue=10)
    factories.ArDisputeFactory(customer_id=oak.pk, invoice_ref=old.tranid, resolved=True, dunning_paused=True)

    assert letters(world.through_the_gate(AGING)) == {oak.pk: "friendly_reminder"}

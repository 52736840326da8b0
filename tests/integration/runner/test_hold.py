"""The switch that holds everything: no effect, no delivery, until it is lifted; then all of it, once."""

from decimal import Decimal

import pytest
from django.core import mail
from django.core.management import call_command

from approvals.canonical import canonical, parse
from approvals.models import Outcome, ProposedAction
from approvals.principals import Principal
from tests.company import customer, invoice, item, pay, quote_request
from tests.integration.triggers.small import on_event, runs
from tests.world import World, ago, changed, snapshot, status
from workflows_app import tasks
from workflows_app.models import Alert, Customer, CustomerProgram, OutboundEmail, PendingPush, Quote, SpecItem
from workflows_app.runner.hold import set_hold
from workflows_app.triggers import events

BY = Principal.machine("test")


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer, and an item."""
    item("MILK")
    return customer("Oak School")


def everything(world: World) -> None:
    """All that workers do."""
    world.work()
    tasks.apply_approved()
    world.deliver()


def test_reading_and_proposing_go_on(world: World, oak: Customer) -> None:
    set_hold(True, BY)

    run = world.start("customer_quote", quote_request(oak, "MILK"))

    assert run.status == "awaiting_approval"


def test_an_approved_run_is_held(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    set_hold(True, BY)
    before = snapshot()

    result = world.decide(world.gate(run))
    everything(world)

    assert result.outcome == "approved"
    assert status(run) == "held"
    assert changed(before) == {}


def test_a_held_run_goes_on_once_when_the_hold_is_lifted(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    set_hold(True, BY)
    world.approve(world.gate(run))

    set_hold(False, BY)
    everything(world)
    everything(world)

    assert status(run) == "completed"
    assert Quote.objects.count() == PendingPush.objects.count() == 1


def test_an_approved_leaf_stays_approved_and_not_applied(world: World, oak: Customer) -> None:
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK"))
    letter = world.leaf(run, "send_email")
    set_hold(True, BY)
    before = snapshot()

    world.decide(letter)
    everything(world)

    letter.refresh_from_db()
    assert (letter.status, letter.outcome) == ("approved", Outcome.APPROVED)
    assert changed(before) == {}


def test_an_approved_leaf_is_applied_once_when_the_hold_is_lifted(world: World, oak: Customer) -> None:
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK"))
    letter = world.leaf(run, "send_email")
    set_hold(True, BY)
    world.decide(letter)

    set_hold(False, BY)
    everything(world)
    everything(world)

    assert len(mail.outbox) == OutboundEmail.objects.count() == 1


def test_a_queued_letter_does_not_leave(world: World, oak: Customer) -> None:
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK"))
    world.decide(world.leaf(run, "send_email"))
    assert OutboundEmail.objects.get().status == "queued"
    set_hold(True, BY)

    everything(world)
    assert mail.outbox == []
    set_hold(False, BY)
    everything(world)

    assert len(mail.outbox) == 1


def test_a_debt_paid_during_the_hold_closes_the_approved_letter(world: World, oak: Customer) -> None:
    debt = invoice(oak, "30000.00", overdue=120)
    hold = world.leaf(world.through_the_gate("ar_aging_action_plan"), "pause_on_hold_check", item=oak.pk)
    set_hold(True, BY)
    world.decide(hold)
    pay(debt)

    set_hold(False, BY)
    everything(world)

    hold.refresh_from_db()
    assert hold.status == "closed"
    assert not CustomerProgram.objects.exists()
    assert Alert.objects.filter(kind="not_applied").count() == 1


def test_a_debt_paid_while_its_letter_waited_for_the_hold_keeps_the_letter_back(world: World, oak: Customer) -> None:
    debt, other = invoice(oak, "30000.00", overdue=120), customer("Elm School")
    invoice(other, "100.00", overdue=40)
    run = world.through_the_gate("ar_aging_action_plan")
    for who in (oak, other):
        world.decide(world.leaf(run, "draft_per_tier", item=who.pk))
    set_hold(True, BY)
    pay(debt)

    world.deliver()
    assert set(OutboundEmail.objects.values_list("status", flat=True)) == {"queued"}
    set_hold(False, BY)
    world.deliver()

    assert [letter.to for letter in mail.outbox] == [[other.email]]
    letter = OutboundEmail.objects.get(related_customer_id=oak.pk)
    assert (letter.status, "does not hold any more" in letter.error) == ("failed", True)
    assert letter.proposed_action.outcome == Outcome.APPLIED
    assert Alert.objects.filter(kind="email_failed").count() == 1


@pytest.mark.parametrize(("minutes", "sent"), [(1, 1), (3, 0)])
def test_a_letter_that_waited_for_a_server_is_asked_about_again(
    world: World, oak: Customer, minutes: int, sent: int
) -> None:
    debt = invoice(oak, "100.00", overdue=40)
    world.decide(world.leaf(world.through_the_gate("ar_aging_action_plan"), "draft_per_tier", item=oak.pk))
    OutboundEmail.objects.update(created_at=ago(minutes=minutes))
    pay(debt)

    world.deliver()

    assert len(mail.outbox) == sent


def test_a_leaf_that_was_altered_during_the_hold_is_not_applied(world: World, oak: Customer) -> None:
    invoice(oak, "30000.00", overdue=120)
    elm = customer("Elm School")
    hold = world.leaf(world.through_the_gate("ar_aging_action_plan"), "pause_on_hold_check", item=oak.pk)
    set_hold(True, BY)
    world.decide(hold)
    _aim_at(hold, elm)

    set_hold(False, BY)
    everything(world)

    assert not CustomerProgram.objects.exists()
    assert set(Customer.objects.values_list("entitystatus", flat=True)) == {"active"}


def test_a_workflow_below_the_gate_is_held_too(world: World) -> None:
    on_event("vendor.late")
    set_hold(True, BY)
    events.emit("vendor.late", "k1", {})

    world.work()
    assert [run.status for run in runs("listener")] == ["held"]
    set_hold(False, BY)
    world.work()

    assert [run.status for run in runs("listener")] == ["completed"]


def test_a_price_that_changed_during_the_hold_is_shown_before_it_is_applied(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    set_hold(True, BY)
    world.approve(world.gate(run))
    SpecItem.objects.update(list_price=Decimal("21.00"))

    set_hold(False, BY)
    world.work()

    assert (status(run), run.plan_revision) == ("awaiting_approval", 2)
    assert not Quote.objects.exists()


def test_the_command_turns_the_switch(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))

    call_command("hold", "on", reason="the bank called")
    world.approve(world.gate(run))
    assert status(run) == "held"
    call_command("hold", "off")
    world.work()

    assert status(run) == "completed"


def _aim_at(proposal: ProposedAction, other: Customer) -> None:
    text = parse(proposal.effects)
    text["recheck"] = []
    text["on_approve"][1]["id"] = other.pk
    text["on_approve"][0]["values"]["customer_id"] = other.pk
    ProposedAction.objects.filter(pk=proposal.pk).update(effects=canonical(text))

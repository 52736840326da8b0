"""Letters of a quote that is revised: the one of the current revision counts, the others do not leave."""

import pytest
from django.core import mail

from approvals.models import ProposedAction
from tests.company import customer, item, quote_request
from tests.world import World, ago
from workflows_app.delivery.email import settle
from workflows_app.models import Alert, Customer, OutboundEmail, Quote, VerifyResult, WorkflowRun
from workflows_app.runner.verify import run_due


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer, and an item at 20.00."""
    item("MILK", "20.00")
    return customer("Oak School")


@pytest.fixture
def first(world: World, oak: Customer) -> WorkflowRun:
    """The run that wrote the quote; its letter waits for a decision."""
    return world.through_the_gate("customer_quote", quote_request(oak, "MILK"))


def revise(world: World, oak: Customer) -> WorkflowRun:
    return world.through_the_gate("customer_quote", quote_request(oak, "MILK", quote_id=Quote.objects.get().pk))


def letter(world: World, run: WorkflowRun) -> ProposedAction:
    return world.leaf(run, "send_email")


def lifecycle() -> tuple[int, str]:
    quote = Quote.objects.get()
    return quote.revision, quote.lifecycle_status


def email_sent(run: WorkflowRun) -> str:
    run_due(ago(minutes=-2))
    return VerifyResult.objects.get(run=run, name="email_sent").status


def test_the_letter_of_an_earlier_revision_is_closed_and_not_sent(
    world: World, oak: Customer, first: WorkflowRun
) -> None:
    revise(world, oak)

    result = world.approve(letter(world, first))
    world.deliver()

    assert result.outcome == "closed"
    assert "MAX(quotes.revision" in result.message
    assert mail.outbox == []
    assert lifecycle() == (2, "proposed")


def test_the_letter_of_the_current_revision_makes_the_quote_sent(
    world: World, oak: Customer, first: WorkflowRun
) -> None:
    second = revise(world, oak)

    world.approve(letter(world, second))
    world.deliver()

    assert lifecycle() == (2, "sent")
    assert email_sent(second) == "pass"


def test_a_letter_that_was_still_waiting_when_its_quote_was_revised_does_not_leave(
    world: World, oak: Customer, first: WorkflowRun
) -> None:
    world.approve(letter(world, first))
    revise(world, oak)

    world.deliver()

    assert mail.outbox == []
    assert OutboundEmail.objects.get().status == "failed"
    assert "revised meanwhile" in Alert.objects.get(kind="email_failed").message
    assert lifecycle() == (2, "proposed")


def test_the_check_of_a_revision_does_not_pass_on_an_earlier_letter(
    world: World, oak: Customer, first: WorkflowRun
) -> None:
    world.approve(letter(world, first))
    world.deliver()
    second = revise(world, oak)

    world.approve(letter(world, second))

    assert (email_sent(first), email_sent(second)) == ("pass", "pending")
    assert lifecycle() == (2, "proposed")
    world.deliver()
    assert email_sent(second) == "pass"
    assert lifecycle() == (2, "sent")


def test_an_uncertain_letter_that_arrived_does_not_speak_for_a_later_revision(
    world: World, oak: Customer, first: WorkflowRun
) -> None:
    world.approve(letter(world, first))
    OutboundEmail.objects.update(status="uncertain")
    revise(world, oak)

    assert settle(OutboundEmail.objects.get().pk, arrived=True)

    assert OutboundEmail.objects.get().status == "sent"
    assert lifecycle() == (2, "proposed")

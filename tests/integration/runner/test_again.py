"""Draft again: a leaf that was closed is planned anew in the world as it is; one that only expired comes back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from approvals import services
from approvals.canonical import parse
from approvals.clock import database_now
from approvals.models import ProposedAction
from tests import factories
from tests.company import customer, invoice, item, pay, quote_request
from tests.integration.runner.test_leaf import REVIEW
from tests.world import World, ago, release_text
from workflows_app.models import ArAging, Customer, OutboundEmail, WorkflowRun

AGING = "ar_aging_action_plan"


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer; payments were read an hour ago."""
    factories.SyncLogFactory(started_at=ago(hours=1), completed_at=ago(hours=1))
    return customer("Oak School")


def reminder(world: World, who: Customer) -> ProposedAction:
    return world.leaf(world.through_the_gate(AGING), "draft_per_tier", item=who.pk)


def quoted(world: World, who: Customer) -> WorkflowRun:
    item("MILK")
    return world.through_the_gate("customer_quote", quote_request(who, "MILK"))


def again(proposal: ProposedAction) -> ProposedAction:
    return services.propose_again(proposal.pk, "person:mike")


def expire(letter: ProposedAction) -> None:
    now = database_now()
    past = {"proposed_at": now - timedelta(days=7), "expires_at": now - timedelta(seconds=1)}
    ProposedAction.objects.filter(pk=letter.pk).update(**past)
    assert services.expire_due() == [letter.pk]


def body(proposal: ProposedAction) -> str:
    return str(parse(proposal.effects)["on_approve"][0]["body"])


def test_a_closed_letter_is_written_anew_and_can_be_approved(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=40)
    pay(invoice(oak, "1234.50", overdue=40))
    old = reminder(world, oak)
    ArAging.objects.filter(customer_id=oak.pk).update(amount=Decimal("60.00"))
    assert world.decide(old).outcome == "closed"

    new = again(old)

    assert ("$100.00" in body(old), "$100.00" in body(new), "$60.00" in body(new)) == (True, False, True)
    assert (new.supersedes_id, new.proposed_by, new.amount) == (old.pk, "person:mike", Decimal("60.00"))
    assert "$100.00" in new.difference
    assert "$60.00" in new.difference
    assert world.decide(new).outcome == "approved"
    assert "$60.00" in OutboundEmail.objects.get().body


def test_a_letter_about_a_debt_that_was_paid_is_not_written_again(world: World, oak: Customer) -> None:
    debt = invoice(oak, "100.00", overdue=40)
    old = reminder(world, oak)
    pay(debt)
    world.decide(old)

    with pytest.raises(services.DecisionRefusedError, match="not there any more"):
        again(old)


def test_a_letter_that_the_plan_leaves_out_now_is_refused_with_the_reason(world: World, oak: Customer) -> None:
    invoice(oak, "100.00", overdue=40)
    old = reminder(world, oak)
    Customer.objects.update(email="")
    assert world.decide(old).outcome == "closed"

    with pytest.raises(services.DecisionRefusedError, match="no email address on file"):
        again(old)


def test_what_would_be_closed_at_once_is_not_proposed_again(world: World, oak: Customer) -> None:
    old = world.leaf(quoted(world, oak), "send_email")
    Customer.objects.update(entitystatus="hold")
    world.decide(old)

    with pytest.raises(services.DecisionRefusedError, match="does not hold any more"):
        again(old)


def test_a_quote_goes_to_the_new_address_when_it_is_drafted_again(world: World, oak: Customer) -> None:
    old = world.leaf(quoted(world, oak), "send_email")
    Customer.objects.update(email="new@example.org")
    assert world.decide(old).outcome == "closed"

    new = again(old)

    assert world.decide(new).outcome == "approved"
    letter = OutboundEmail.objects.get()
    assert (letter.to, letter.body) == ("new@example.org", body(old))


def test_what_expired_and_still_holds_comes_back_with_its_edits(world: World, oak: Customer) -> None:
    first = world.leaf(quoted(world, oak), "send_email")
    (letter,) = parse(first.effects)["on_approve"]
    edited = world.edit(first, letter["id"], "body", "Written by hand.").replacement_id
    old = ProposedAction.objects.get(pk=edited)
    expire(old)

    new = again(old)

    assert (body(new), new.difference, new.edits) == ("Written by hand.", "[]", old.edits)
    assert world.decide(new).outcome == "approved"


def test_what_expired_and_does_not_hold_any_more_is_planned_anew(world: World, oak: Customer) -> None:
    old = world.leaf(quoted(world, oak), "send_email")
    expire(old)
    Customer.objects.update(email="new@example.org")

    assert parse(again(old).payload)["to"] == "new@example.org"


def test_a_proposal_of_a_proposal_is_planned_anew_in_its_place(world: World) -> None:
    elm = customer("Elm School", entitystatus="hold")
    release_text(REVIEW)
    run = world.through_the_gate("review")
    world.decide(world.leaf(run, "review"))
    old = ProposedAction.objects.get(run_id=run.pk, entity_ref=elm.pk)
    services.close(old.pk, "for the test")
    Customer.objects.update(companyname="Elm Academy")

    new = again(old)

    assert (new.title, new.item) == ("Letter to Elm Academy", old.item)
    assert world.decide(new).outcome == "approved"


def test_what_no_step_planned_is_not_planned_anew(world: World, oak: Customer) -> None:
    run = quoted(world, oak)
    old = world.leaf(run, "send_email")
    services.close(old.pk, "for the test")
    ProposedAction.objects.filter(pk=old.pk).update(step="verify:email_sent")

    with pytest.raises(services.DecisionRefusedError, match="no step"):
        again(old)

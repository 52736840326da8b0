"""A chat puts a quote draft up for a decision, and nothing else happens."""

from decimal import Decimal
from typing import Any

import pytest

from approvals.models import Decision, ProposedAction
from approvals.principals import Principal
from tests.company import YEAR, customer
from tests.world import World, snapshot
from workflows_app.mcp.told import RefusedError
from workflows_app.mcp.tools.quotes import QuoteDraftTold, QuoteItem, propose_quote_draft
from workflows_app.models import Customer, ProposedPricing, WorkflowRun
from workflows_app.runner.hold import set_hold
from workflows_app.runner.inputs import InputError
from workflows_app.triggers.once import KeyTakenError

ITEMS = [QuoteItem(item_code="MILK", case_price=Decimal("17.75")), QuoteItem(item_code="APPLE")]


def propose(who: str, **changes: Any) -> QuoteDraftTold:
    return propose_quote_draft(**{"customer": who, "school_year": YEAR, "items": ITEMS, "key": "oak", **changes})


def test_a_draft_is_staged_by_the_chat_and_waits_for_a_person(oak: Customer) -> None:
    before = snapshot()

    told = propose(oak.pk)

    staged = ProposedAction.objects.get()
    assert (told.proposal.proposal_id, told.digest) == (staged.pk, staged.digest)
    assert (staged.action_type, staged.status, staged.proposed_by) == ("quote_draft", "pending", "machine:mcp")
    assert (snapshot(), Decision.objects.count()) == (before, 0)


def test_the_answer_says_in_words_what_approving_would_do(oak: Customer) -> None:
    told = propose(oak.pk)

    assert told.card is not None
    assert told.card.sentence == "Approving this will write 1 proposed price."
    assert "17.75" in told.text()
    assert "second decision" in told.text()


def test_the_same_key_again_is_the_same_draft(oak: Customer) -> None:
    first = propose(oak.pk)
    second = propose(oak.pk)

    assert first.proposal.proposal_id == second.proposal.proposal_id
    assert (ProposedAction.objects.count(), WorkflowRun.objects.count()) == (1, 1)


def test_a_key_is_not_taken_for_another_wish(oak: Customer) -> None:
    propose(oak.pk)

    with pytest.raises(KeyTakenError, match="other inputs"):
        propose(oak.pk, include_pdf=False)

    assert ProposedAction.objects.count() == 1


def test_another_key_is_another_draft(oak: Customer) -> None:
    assert propose(oak.pk).proposal.proposal_id != propose(oak.pk, key="again").proposal.proposal_id


def test_a_customer_is_known_by_the_exact_name_whatever_its_capitals(oak: Customer) -> None:
    assert propose("oak  SCHOOL").proposal.customer == "Oak School"


def test_a_name_that_two_customers_have_is_not_guessed(oak: Customer) -> None:
    twin = customer("Oak School")

    with pytest.raises(RefusedError, match=twin.pk):
        propose("Oak School")

    assert not WorkflowRun.objects.exists()


def test_nobody_of_that_name_says_where_to_look(oak: Customer) -> None:
    with pytest.raises(RefusedError, match="find_customers"):
        propose("Elm School")


def test_an_unknown_item_is_a_warning_in_the_answer(oak: Customer) -> None:
    told = propose(oak.pk, items=[*ITEMS, QuoteItem(item_code="GONE")])

    [warning] = told.warnings
    assert "GONE" in warning.detail
    assert "GONE" in told.text()


def test_a_customer_on_hold_gets_no_draft_and_the_answer_says_why(oak: Customer) -> None:
    Customer.objects.update(entitystatus="hold")

    with pytest.raises(RefusedError, match="customer_not_on_hold"):
        propose(oak.pk)

    assert not ProposedAction.objects.exists()


def test_a_school_year_that_is_none_is_said(oak: Customer) -> None:
    with pytest.raises(InputError, match="school_year"):
        propose(oak.pk, school_year="next year")


def test_during_a_hold_the_draft_is_there_and_its_approval_waits(world: World, oak: Customer) -> None:
    set_hold(True, Principal.person(world.mike))

    told = propose(oak.pk)
    world.decide(ProposedAction.objects.get(pk=told.proposal.proposal_id))
    world.work()

    assert propose(oak.pk).proposal.status == "approved"
    assert WorkflowRun.objects.filter(workflow_type="quote_draft").count() == 1
    assert not ProposedPricing.objects.exists()

    set_hold(False, Principal.person(world.mike))
    world.work()

    assert ProposedPricing.objects.get().case_price == Decimal("17.75")


def test_the_approved_price_is_the_one_of_the_chat(world: World, oak: Customer) -> None:
    told = propose(oak.pk)

    world.approve(ProposedAction.objects.get(pk=told.proposal.proposal_id))

    assert ProposedPricing.objects.get().case_price == Decimal("17.75")
    assert WorkflowRun.objects.get(workflow_type="customer_quote").status == "awaiting_approval"

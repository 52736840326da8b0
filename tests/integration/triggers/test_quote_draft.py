"""One way to a quote draft: chat, command and demo take the same."""

import pytest

from approvals.principals import Principal
from tests.company import YEAR, customer, item
from tests.world import World, release_text
from workflows_app.models import Customer, WorkflowContract, WorkflowRun
from workflows_app.triggers import quote_draft
from workflows_app.triggers.once import KeyTakenError, start_once

CHAT, COMMAND = Principal.machine("mcp"), Principal.machine("command")


@pytest.fixture
def wish(world: World) -> dict[str, object]:
    """A quote of one item."""
    item("MILK", "20.00")
    return {"customer_id": customer("Oak School").pk, "item_codes": ["MILK"], "school_year": YEAR}


def test_a_draft_is_staged_in_the_name_of_who_asked(wish: dict[str, object]) -> None:
    draft = quote_draft.propose(wish, principal=CHAT)

    assert draft.proposal is not None
    assert (draft.proposal.action_type, draft.proposal.proposed_by) == ("quote_draft", "machine:mcp")
    assert draft.warnings == []


def test_without_a_key_each_wish_is_a_draft_of_its_own(wish: dict[str, object]) -> None:
    assert quote_draft.propose(wish, principal=CHAT).run.pk != quote_draft.propose({**wish}, principal=CHAT).run.pk


def test_a_key_belongs_to_who_chose_it(wish: dict[str, object]) -> None:
    chat = quote_draft.propose(wish, principal=CHAT, key="k")
    command = quote_draft.propose(wish, principal=COMMAND, key="k")

    assert chat.run.pk != command.run.pk


def test_the_same_wish_said_in_other_words_is_the_same(wish: dict[str, object]) -> None:
    first = quote_draft.propose(wish, principal=CHAT, key="k")

    again = quote_draft.propose({**wish, "include_pdf": "yes", "quote_id": " "}, principal=CHAT, key="k")

    assert again.run.pk == first.run.pk


def test_a_blocked_draft_has_no_proposal_and_says_why(wish: dict[str, object]) -> None:
    Customer.objects.update(entitystatus="hold")

    draft = quote_draft.propose(wish, principal=CHAT)

    assert draft.proposal is None
    assert [check["check"] for check in draft.warnings] == ["customer_not_on_hold"]


def test_without_its_contract_there_are_no_drafts(wish: dict[str, object]) -> None:
    WorkflowContract.objects.filter(workflow_type="quote_draft").update(active=False)

    with pytest.raises(quote_draft.NoQuoteDraftsError, match="load_contracts"):
        quote_draft.propose(wish, principal=CHAT)


def test_the_run_of_a_taken_key_is_named(wish: dict[str, object]) -> None:
    contract = WorkflowContract.objects.get(workflow_type="quote_draft")
    run = start_once(contract, wish, principal=CHAT, key="k")

    with pytest.raises(KeyTakenError) as taken:
        start_once(contract, {**wish, "school_year": "2027-28"}, principal=CHAT, key="k")

    assert taken.value.run.pk == run.pk
    assert WorkflowRun.objects.count() == 1


def test_the_longest_key_of_the_longest_name_fits(wish: dict[str, object]) -> None:
    """The key of a run has 200 characters, on PostgreSQL no one more."""
    contract = WorkflowContract.objects.get(workflow_type="quote_draft")
    text = contract.source.replace("workflow_type: quote_draft", f"workflow_type: {'q' * 80}")

    run = start_once(release_text(text), wish, principal=CHAT, key="k" * 80)

    assert len(run.trigger_key) <= 200

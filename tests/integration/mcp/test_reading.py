"""What a chat reads: proposals, runs, the memory, names. Bounded, and in words."""

import pytest
from pytest_django import Settings

from approvals.models import ProposedAction
from tests.company import YEAR, customer
from tests.factories import ProposedActionFactory
from tests.world import World
from workflows_app.mcp.told import LONGEST_TEXT, RefusedError, page_of
from workflows_app.mcp.tools.lookups import find_customers, find_items
from workflows_app.mcp.tools.memory import search_memory
from workflows_app.mcp.tools.proposals import list_proposals, show_proposal
from workflows_app.mcp.tools.runs import list_runs, show_run
from workflows_app.models import Customer, WorkflowRun


@pytest.fixture
def quoted(world: World, oak: Customer) -> WorkflowRun:
    """A quote that waits at its gate, after its draft was approved."""
    inputs = {"customer_id": oak.pk, "item_codes": ["MILK"], "school_year": YEAR, "include_pdf": False}
    world.approve(world.leaf(world.start("quote_draft", inputs), "stage_draft"))
    return WorkflowRun.objects.get(workflow_type="customer_quote")


def test_a_customer_is_found_by_a_part_of_the_name_the_address_and_the_id(oak: Customer) -> None:
    for text in ("ak sch", str(oak.email).upper(), oak.pk):
        assert [row.customer_id for row in find_customers(text).customers] == [oak.pk]


def test_a_wildcard_is_only_a_sign(oak: Customer) -> None:
    assert find_customers("%").customers == []


def test_lists_are_bounded_and_say_that_there_is_more(oak: Customer) -> None:
    for number in range(3):
        customer(f"Oak Kitchen {number}")

    told = find_customers("Oak", limit=2)

    assert (len(told.customers), told.more) == (2, True)
    assert told.hint in told.text()


def test_items_are_found_by_description_and_code(oak: Customer) -> None:
    assert [row.item_code for row in find_items("APP").items] == ["APPLE"]
    [milk] = find_items("whole").items
    assert (milk.item_code, milk.list_price.strip("$"), milk.active) == ("MILK", "20.00", True)


def test_what_waits_is_listed_without_what_was_decided(quoted: WorkflowRun) -> None:
    assert [row.run_id for row in list_proposals().proposals] == [quoted.pk]
    assert len(list_proposals(status="any").proposals) == 2
    assert list_proposals(customer="Elm School").proposals == []


def test_a_list_is_read_page_by_page(db: None) -> None:
    ProposedActionFactory.create_batch(3)

    first, second = list_proposals(limit=2), list_proposals(limit=2, offset=2)

    seen = {row.proposal_id for row in (*first.proposals, *second.proposals)}
    assert (first.more, second.more, len(seen)) == (True, False, 3)
    assert "offset 2" in first.hint


def test_a_card_says_what_the_console_says(quoted: WorkflowRun) -> None:
    told = show_proposal(quoted.proposal_id)

    assert told.card is not None
    assert told.card.sentence.startswith("Approving this will send 1 estimate to NetSuite")
    assert any("Whole milk" in effect for effect in told.card.effects)
    assert all(check.passed for check in told.card.checks)
    assert told.digest == ProposedAction.objects.get(pk=quoted.proposal_id).digest


def test_a_decided_card_says_who_decided(quoted: WorkflowRun) -> None:
    draft = ProposedAction.objects.get(action_type="quote_draft")

    [decision] = show_proposal(draft.pk).decisions

    assert (decision.by, decision.verdict) == ("mike", "approve")


def test_a_card_whose_text_was_changed_is_not_shown(quoted: WorkflowRun) -> None:
    row = ProposedAction.objects.get(pk=quoted.proposal_id)
    ProposedAction.objects.filter(pk=row.pk).update(effects=row.effects.replace("Whole milk", "Gold"))

    told = show_proposal(row.pk)

    assert told.card is None
    assert "Gold" not in told.text()


@pytest.mark.parametrize(("read", "helped"), [(show_proposal, "list_proposals"), (show_run, "list_runs")])
def test_an_unknown_id_says_where_the_known_ones_are(db: None, read: object, helped: str) -> None:
    with pytest.raises(RefusedError, match=helped):
        read("nothing")  # type: ignore[operator]


def test_a_run_tells_its_steps_proposals_and_inputs(world: World, quoted: WorkflowRun) -> None:
    world.approve(world.gate(quoted))

    told = show_run(quoted.pk)

    assert (told.run.status, told.started_by) == ("completed", "machine:events")
    assert told.inputs["item_codes"] == ["MILK"]
    assert {step.status for step in told.steps} == {"done", "skipped"}
    assert {row.kind for row in told.proposals} == {"workflow customer quote", "letter with a quote"}
    assert told.verify


def test_runs_are_listed_newest_first_and_by_workflow(quoted: WorkflowRun) -> None:
    assert [row.workflow_type for row in list_runs().runs] == ["customer_quote", "quote_draft"]
    assert [row.run_id for row in list_runs(workflow_type="customer_quote").runs] == [quoted.pk]


def test_the_memory_is_searched(world: World, quoted: WorkflowRun) -> None:
    world.approve(world.gate(quoted))

    [memory] = search_memory("oak").memories

    assert (memory.run_id, memory.status) == (quoted.pk, "completed")
    assert search_memory("elm").memories == []


def test_long_texts_are_cut_and_say_so(db: None) -> None:
    proposal = ProposedActionFactory(summary="long " * LONGEST_TEXT)

    [told] = list_proposals().proposals

    assert told.proposal_id == proposal.pk
    assert len(told.summary) < LONGEST_TEXT + 60
    assert "cut, 10,000 characters in all" in told.summary


def test_cards_are_linked_where_people_open_the_console(settings: Settings, db: None) -> None:
    assert page_of("approvals_proposedaction", "a/b") == ""
    settings.CONSOLE_URL = "https://office.example.com/"

    assert page_of("approvals_proposedaction", "a/b").startswith(
        "https://office.example.com/approvals/proposedaction/a_2Fb"
    )

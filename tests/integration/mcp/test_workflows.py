"""What a chat is told about workflows, and what it may start."""

import pytest

from approvals.models import ProposedAction
from tests.company import YEAR, customer, quote_request
from tests.world import ROOT, World, release_text, snapshot
from workflows_app.mcp.told import RefusedError
from workflows_app.mcp.tools.dry_run import dry_run_workflow
from workflows_app.mcp.tools.quotes import QuoteItem, propose_quote_draft
from workflows_app.mcp.tools.runs import start_run
from workflows_app.mcp.tools.workflows import explain_workflow, list_workflows
from workflows_app.models import Customer, WorkflowContract, WorkflowRun
from workflows_app.presentation.changes import what_changes
from workflows_app.runner.inputs import InputError
from workflows_app.runner.release import contract_for
from workflows_app.triggers.once import KeyTakenError

pytestmark = pytest.mark.once

NEW = {"company_name": "Elm School", "contact_email": "kitchen@elm.example.org", "billing_address": "1 Main Street"}


def test_every_active_workflow_is_listed_with_the_tool_that_starts_it(world: World) -> None:
    told = {row.workflow_type: row.start_with for row in list_workflows().workflows}

    assert set(told) == set(WorkflowContract.objects.values_list("workflow_type", flat=True))
    assert (told["quote_draft"], told["new_customer"]) == ("propose_quote_draft", "start_run")


def test_a_workflow_without_a_gate_has_no_way_to_start(world: World) -> None:
    draft = (ROOT / "fixtures/contracts/quote_draft.v1.yaml").read_text(encoding="utf-8")
    release_text(draft.replace("workflow_type: quote_draft", "workflow_type: quote_sketch"))

    told = explain_workflow("quote_sketch")

    assert (told.workflow.gated, told.workflow.start_with) == (False, "")
    assert "would act without a decision" in told.text()


def test_one_that_does_not_load_any_more_is_listed_as_such(world: World) -> None:
    WorkflowContract.objects.filter(workflow_type="new_customer").update(sha256="0" * 64)

    [told] = [row for row in list_workflows().workflows if row.workflow_type == "new_customer"]

    assert "does not load" in told.description
    with pytest.raises(RefusedError, match="a person must look"):
        explain_workflow("new_customer")


@pytest.mark.parametrize("workflow_type", ["new_customer", "customer_quote", "anomaly_remediation", "quote_draft"])
def test_an_explanation_says_all_inputs_checks_and_changes(world: World, workflow_type: str) -> None:
    contract = contract_for(WorkflowContract.objects.get(workflow_type=workflow_type, active=True))

    told = explain_workflow(workflow_type)

    assert [spec.name for spec in told.inputs] == [spec.name for spec in contract.inputs]
    assert [rule.name for rule in told.checks] == [check.check for check in contract.preconditions]
    assert [each.action for each in told.changes] == [each.action for each in what_changes(contract)]
    assert all(spec.help in told.text() for spec in told.inputs)


def test_an_unknown_workflow_is_answered_with_the_known_ones(world: World) -> None:
    with pytest.raises(RefusedError, match="customer_quote"):
        explain_workflow("customer_qoute")


def test_a_dry_run_says_what_would_happen_and_leaves_no_trace(world: World, oak: Customer) -> None:
    before = snapshot()

    told = dry_run_workflow("customer_quote", quote_request(oak, "MILK", "APPLE"))

    assert told.card.sentence.startswith("Approving this will send 1 estimate to NetSuite")
    assert (told.customer, told.amount.strip("$"), told.blocked) == ("Oak School", "50.00", "")
    assert "Whole milk" in told.text()
    assert len(told.digest) == 64
    assert (snapshot(), WorkflowRun.objects.count(), ProposedAction.objects.count()) == (before, 0, 0)


def test_a_dry_run_that_would_be_blocked_says_by_what(world: World, oak: Customer) -> None:
    Customer.objects.update(entitystatus="hold")

    told = dry_run_workflow("customer_quote", quote_request(oak, "MILK"))

    assert "customer_not_on_hold" in told.blocked
    assert told.amount == ""


def test_a_gated_workflow_is_started_and_waits_at_its_gate(world: World) -> None:
    before = snapshot()

    told = start_run("new_customer", NEW, key="elm")

    run = WorkflowRun.objects.get()
    assert (run.status, told.run.run_id) == ("awaiting_approval", run.pk)
    assert told.card is not None
    assert told.card.proposal.proposal_id == run.proposal_id
    assert ProposedAction.objects.get().proposed_by == "machine:mcp"
    assert snapshot() == before


def test_starting_again_with_the_key_is_the_same_run(world: World) -> None:
    first, second = start_run("new_customer", NEW, key="elm"), start_run("new_customer", NEW, key="elm")

    assert first.run.run_id == second.run.run_id
    with pytest.raises(KeyTakenError):
        start_run("new_customer", {**NEW, "company_name": "Ash School"}, key="elm")


def test_a_run_that_a_check_blocks_waits_for_nobody(world: World) -> None:
    customer("Elm School")

    told = start_run("new_customer", NEW, key="elm")

    assert (told.run.status, told.card) == ("blocked", None)
    assert "Nothing waits for a decision" in told.text()


def test_a_workflow_that_would_act_without_a_gate_is_refused(world: World) -> None:
    with pytest.raises(RefusedError, match="without a gate"):
        start_run("quote_draft", {}, key="x")

    assert not WorkflowRun.objects.exists()


def test_what_a_person_has_paused_is_started_by_no_chat(world: World, oak: Customer) -> None:
    """A pause says that nothing starts it but a person."""
    WorkflowContract.objects.filter(workflow_type__in=["new_customer", "quote_draft"]).update(paused=True)

    with pytest.raises(RefusedError, match="is paused"):
        start_run("new_customer", NEW, "elm")
    with pytest.raises(RefusedError, match="is paused"):
        propose_quote_draft(oak.pk, YEAR, [QuoteItem(item_code="MILK")], "oak")

    assert not WorkflowRun.objects.exists()


def test_wrong_inputs_start_nothing(world: World) -> None:
    with pytest.raises(InputError, match="company_name"):
        start_run("new_customer", {"company": "Elm"}, key="elm")

    assert not WorkflowRun.objects.exists()

"""A new version against the runs that were: what it would have done otherwise, and nothing else."""

from datetime import timedelta
from pathlib import Path

import pytest

from approvals.clock import database_now
from tests import factories
from tests.company import customer, item, quote_request
from tests.integration.runner.backtest.trials import FIRST, Shelf, only, tried
from tests.world import ROOT, World, release_text, snapshot
from workflows_app.contracts.load import load_file
from workflows_app.models import SpecItem, WorkflowRun
from workflows_app.runner.backtest.runs import Asked, backtest
from workflows_app.runner.backtest.sums import Sums
from workflows_app.runner.catalog import catalog

CHEAPER = (
    "not_too_dear, rule: inputs.price < 50, severity: warn",
    "not_too_dear, rule: inputs.price < 5, severity: block",
)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Files that are not released."""
    return Shelf(folder=tmp_path)


@pytest.fixture
def run(world: World) -> WorkflowRun:
    """A new price that waits for a decision."""
    item("MILK", "20.00")
    release_text(FIRST)
    return world.start("reprice", {"item_code": "MILK", "price": "30.00"})


def test_the_same_contract_makes_no_difference(run: WorkflowRun, shelf: Shelf) -> None:
    assert only(shelf.file()).same


def test_a_proposal_with_another_amount_is_changed_with_its_letter(run: WorkflowRun, shelf: Shelf) -> None:
    found = only(
        shelf.file(
            ('    amount: "${{ inputs.price }}"\n', '    amount: "${{ inputs.price * 2 }}"\n'),
            ("It costs", "From now on it costs"),
        )
    )

    assert [(change.how, change.kind) for change in found.changes] == [
        ("changed", "proposal.stage"),
        ("changed", "email.send"),
    ]
    proposal, letter = found.changes
    assert (proposal.amount_was, proposal.amount_now) == ("30.00", "60.00")
    assert letter.within == (f"Tell about {SpecItem.objects.get().description}",)
    assert letter.fields[0]["now"].startswith("From now on it costs")


def test_a_step_that_is_new_and_one_that_is_gone(run: WorkflowRun, shelf: Shelf) -> None:
    found = only(shelf.file(("  - name: tell\n", "  - name: announce\n")))

    kinds = [(change.how, change.kind, change.step) for change in found.changes]
    assert ("added", "proposal.stage", "announce") in kinds
    assert ("removed", "proposal.stage", "tell") in kinds
    assert len(kinds) == 4  # each with its letter


def test_a_check_that_would_block_now_takes_everything_away(run: WorkflowRun, shelf: Shelf) -> None:
    found = only(shelf.file(CHEAPER))

    assert (found.was.ending, found.now.ending) == ("planned", "blocked")
    assert [(check.check, check.was, check.now) for check in found.checks] == [("not_too_dear", "passes", "blocks")]
    assert {change.how for change in found.changes} == {"removed"}


def test_a_gate_that_falls_away_is_a_difference(run: WorkflowRun, shelf: Shelf) -> None:
    found = only(shelf.file(("risk_level: 3", "risk_level: 2")))

    assert ("removed", "gate") in [(change.how, change.kind) for change in found.changes]


def test_an_input_that_nobody_gave_means_that_it_cannot_be_planned(run: WorkflowRun, shelf: Shelf) -> None:
    more = "  - {name: price, type: decimal, required: true}\n"

    found = only(shelf.file((more, more + "  - {name: reason, type: string, required: true}\n")))

    assert (found.now.ending, "reason: is required" in found.now.problem) == ("not planned", True)


def test_both_versions_plan_in_today_s_data_and_what_changed_since_is_said(run: WorkflowRun, shelf: Shelf) -> None:
    SpecItem.objects.update(description="Oat milk")

    (found,) = tried(shelf.file())

    assert found.drifted
    assert found.compared is not None
    assert found.compared.same


def test_rows_that_the_run_itself_inserted_block_neither_version(world: World) -> None:
    factories.PaymentTermFactory(id="t-30", name="Net 30")
    form = {"company_name": "Elm School", "contact_email": "office@elm.example.org", "billing_address": "1 Elm Rd"}
    run = world.through_the_gate("new_customer", form)
    assert run.steps.filter(status="done").exists()
    file = load_file(ROOT / "fixtures/contracts/new_customer.v2.yaml", catalog())

    (found,) = backtest(Asked(file=file, since=run.queued_at))

    assert found.compared is not None
    assert (found.compared.was.ending, found.compared.same) == ("planned", True)


def test_a_run_that_continues_another_is_left_out(world: World, run: WorkflowRun, shelf: Shelf) -> None:
    WorkflowRun.objects.filter(pk=run.pk).update(trigger='{"causes":[],"continues":"earlier","origin":"earlier"}')
    sums = Sums()

    for found in tried(shelf.file()):
        sums.add(found)

    assert (sums.left_out, sums.runs) == (1, 0)


def test_the_newest_runs_come_first_and_no_more_than_asked_for(world: World, run: WorkflowRun, shelf: Shelf) -> None:
    WorkflowRun.objects.filter(pk=run.pk).update(queued_at=database_now() - timedelta(days=1))
    newer = world.start("reprice", {"item_code": "MILK", "price": "31.00"})

    assert [found.run.pk for found in tried(shelf.file())] == [newer.pk, run.pk]
    assert [found.run.pk for found in tried(shelf.file(), limit=1)] == [newer.pk]


def test_many_runs_of_one_moment_are_each_planned_once(
    world: World, run: WorkflowRun, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows_app.runner.backtest.runs._PAGE", 2)
    for price in range(4):
        world.start("reprice", {"item_code": "MILK", "price": str(price)})
    WorkflowRun.objects.update(queued_at=run.queued_at)

    found = [each.run.pk for each in tried(shelf.file())]

    assert sorted(found) == sorted(WorkflowRun.objects.filter(workflow_type="reprice").values_list("pk", flat=True))


def test_in_sum_everything_is_counted_with_its_money(world: World, run: WorkflowRun, shelf: Shelf) -> None:
    world.start("reprice", {"item_code": "MILK", "price": "3.00"})
    sums = Sums()

    for found in tried(shelf.file(CHEAPER)):
        sums.add(found)

    assert (sums.runs, sums.same, sums.newly("blocked"), sums.no_longer("blocked")) == (2, 1, 1, 0)
    removed = sums.changes["proposal.stage", "removed"]
    assert (removed.count, str(removed.was), str(removed.now)) == (1, "30.00", "0")


def test_a_quote_that_was_written_is_planned_again_without_a_trace(world: World) -> None:
    item("MILK")
    run = world.through_the_gate("customer_quote", quote_request(customer("Oak School"), "MILK"))
    file = load_file(ROOT / "fixtures/contracts/customer_quote.v2.yaml", catalog())
    before = snapshot()

    (found,) = backtest(Asked(file=file, since=run.queued_at))

    assert found.compared is not None
    assert found.compared.same
    assert snapshot() == before

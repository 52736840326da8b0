"""An item of a loop that a person left out of an envelope is skipped, and the rest is done."""

import pytest

from approvals.canonical import parse
from approvals.models import ProposedAction
from tests import factories
from tests.company import customer, invoice
from tests.world import World, ago
from workflows_app.models import WorkflowRun, WorkflowStep
from workflows_app.runner.plan import LEFT_OUT

AGING = "ar_aging_action_plan"


@pytest.fixture
def run(world: World) -> WorkflowRun:
    """Collection letters to two customers, waiting at the gate."""
    factories.SyncLogFactory(started_at=ago(hours=1), completed_at=ago(hours=1))
    for name in ("Oak School", "Elm School"):
        invoice(customer(name), "100.00", overdue=40)
    return world.start(AGING)


def items(proposal: ProposedAction) -> list[tuple[str, str]]:
    """Each collection letter's item, and why it is skipped."""
    plan = parse(proposal.effects)["plan"]
    return [(item["item"], item["skipped"]) for item in plan if item["step"] == "draft_per_tier"]


def test_an_item_without_its_tick_is_skipped_and_the_rest_is_staged(world: World, run: WorkflowRun) -> None:
    (first, _), (second, _) = items(world.gate(run))

    world.edit(world.gate(run), f"draft_per_tier/{first}", "tick", False)
    newer = world.gate(run)
    world.decide(newer)
    world.work()

    steps = WorkflowStep.objects.filter(run=run, step="draft_per_tier").order_by("item")
    assert items(newer) == [(first, LEFT_OUT), (second, "")]
    assert [(step.item, step.status, step.error) for step in steps] == [
        (first, "skipped", LEFT_OUT),
        (second, "done", ""),
    ]
    assert [leaf.item for leaf in ProposedAction.objects.filter(run_id=run.pk, step="draft_per_tier")] == [second]


def test_an_item_can_be_taken_in_again(world: World, run: WorkflowRun) -> None:
    (first, _), _second = items(world.gate(run))
    world.edit(world.gate(run), f"draft_per_tier/{first}", "tick", False)

    world.edit(world.gate(run), f"draft_per_tier/{first}", "tick", True)

    assert {reason for _item, reason in items(world.gate(run))} == {""}


@pytest.mark.parametrize("item", ["draft_per_tier/nobody", "draft_per_tier/", "nothing/1"])
def test_what_is_no_item_cannot_be_left_out(world: World, run: WorkflowRun, item: str) -> None:
    result = world.edit(world.gate(run), item, "tick", False)

    assert (result.outcome, "changes nothing" in result.message) == ("refused", True)

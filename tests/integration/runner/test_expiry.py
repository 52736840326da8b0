"""What nobody decided in time ends, with a record of it, and harms nothing else."""

from datetime import timedelta

import pytest
from django.db.models import F

from approvals import services
from approvals.models import ProposedAction
from tests.company import customer, item, quote_request
from tests.world import World, changed, snapshot, status
from workflows_app.models import Customer, Event, RunLog, WorkflowRun


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer, and an item at 20.00."""
    item("MILK", "20.00")
    return customer("Oak School")


def let_time_pass(card: ProposedAction) -> None:
    """As if the card had been staged a year ago."""
    year = timedelta(days=365)
    ProposedAction.objects.filter(pk=card.pk).update(
        proposed_at=F("proposed_at") - year,
        window_ends_at=F("window_ends_at") - year,
        expires_at=F("expires_at") - year,
    )


def test_a_gate_that_nobody_decided_ends_its_run(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    card, before = world.gate(run), snapshot()
    let_time_pass(card)

    assert services.expire_due() == [card.pk]

    assert status(run) == "expired"
    assert RunLog.objects.get(run=run).status == "expired"
    assert Event.objects.filter(event_type="workflow.failed", run_id=run.pk).exists()
    assert world.decide(card).outcome == "refused"
    assert changed(before) == {}


def test_a_gate_whose_run_has_ended_expires_without_keeping_others_from_it(world: World, oak: Customer) -> None:
    ended, waits = (world.start("customer_quote", quote_request(oak, "MILK")) for _ in range(2))
    WorkflowRun.objects.filter(pk=ended.pk).update(status="cancelled")
    for run in (ended, waits):
        let_time_pass(world.gate(run))

    assert len(services.expire_due()) == 2

    assert (status(ended), status(waits)) == ("cancelled", "expired")
    assert not RunLog.objects.filter(run=ended).exists()


def test_a_draft_that_nobody_decided_sends_nothing(world: World, oak: Customer) -> None:
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK"))
    draft, before = world.leaf(run, "send_email"), snapshot()
    let_time_pass(draft)

    assert services.expire_due() == [draft.pk]

    assert world.decide(draft).outcome == "refused"
    assert status(run) == "completed"
    assert run.verify_results.get(name="email_sent").status == "not_applicable"
    assert changed(before) == {}

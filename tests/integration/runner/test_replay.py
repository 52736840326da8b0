"""Everything may come twice: a consumed approval by every door, and every task three times by two workers."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection

from approvals import services
from approvals.clock import database_now
from approvals.models import Decision, ProposedAction, Verdict
from tests.company import customer, invoice, item, quote_request
from tests.world import World, snapshot, status
from workflows_app import tasks
from workflows_app.models import (
    Customer,
    Event,
    OutboundEmail,
    PendingPush,
    Quote,
    ReflexionLog,
    RunLog,
    SpecItem,
    VerifyResult,
    WorkflowContract,
    WorkflowRun,
)
from workflows_app.netsuite.client import connect
from workflows_app.netsuite.push import drain_pushes
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.runner import leaf
from workflows_app.runner.advance import advance
from workflows_app.triggers.work import work


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer, and an item."""
    item("MILK")
    return customer("Oak School")


@pytest.fixture
def netsuite(oak: Customer, sandbox: Sandbox) -> Sandbox:
    """NetSuite knows both."""
    with connect() as client:
        Customer.objects.update(ns_id=client.create("customer", {"companyName": "Oak School"}))
        SpecItem.objects.update(ns_id=client.create("inventoryItem", {"itemId": "MILK"}))
    return sandbox


def everything() -> dict[str, object]:
    """All rows that a second execution could add to or change."""
    platform = (Decision, Event, RunLog, ReflexionLog, VerifyResult, ProposedAction)
    counted = {model.__name__: sorted(map(tuple, model.objects.values_list()), key=str) for model in platform}
    runs = list(WorkflowRun.objects.order_by("pk").values_list("pk", "status", "plan_revision", "digest"))
    return {**snapshot(), **counted, "runs": runs, "mail": len(mail.outbox)}


def doors(world: World, proposal: ProposedAction) -> Iterator[Callable[[], object]]:
    """Every way in which a decision or its consequences can be asked for again."""
    run_id = proposal.run_id

    def by_command() -> None:
        with pytest.raises(CommandError, match="Already approved"):
            call_command("decide", proposal.pk, "approve", user="mike")

    yield lambda: services.decide(
        proposal.pk, Verdict.APPROVE, user=world.mike, channel="admin", digest=proposal.digest
    )
    yield lambda: services.decide(
        proposal.pk, Verdict.REJECT, user=world.mike, channel="admin", digest=proposal.digest, reason="no"
    )
    yield lambda: world.edit(proposal, "line:MILK", "case_price", "1.00")
    yield by_command
    yield lambda: advance(run_id)
    yield lambda: leaf.apply_approved(database_now())
    yield work
    yield lambda: tasks.advance(run_id)
    yield tasks.apply_approved
    yield tasks.dispatch_events
    yield tasks.deliver
    yield tasks.tick
    yield lambda: call_command("work", once=True)
    yield lambda: call_command("deliver")


@pytest.mark.parametrize("step", ["", "send_email"])
def test_a_consumed_approval_has_no_effect_by_any_door(
    world: World, oak: Customer, netsuite: Sandbox, step: str
) -> None:
    _only_manual()
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK"))
    world.approve(world.leaf(run, "send_email"))
    world.deliver()
    drain_pushes()
    before = everything()

    for number, door in enumerate(doors(world, world.leaf(run, step))):
        door()
        assert everything() == before, number

    assert len(mail.outbox) == Quote.objects.count() == PendingPush.objects.count() == 1
    assert len(netsuite.records("estimate")) == len(netsuite.arrived("PUT")) == 1


def test_a_run_that_has_ended_cannot_be_advanced(world: World, oak: Customer) -> None:
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK"))

    assert advance(run.pk) is False
    assert advance("no such run") is False


@pytest.mark.django_db(transaction=True)
def test_each_task_three_times_by_two_workers_has_one_effect(
    shared_database: None, world: World, oak: Customer
) -> None:
    _only_manual()
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    world.decide(world.gate(run))

    _twice_at_once(lambda: tasks.advance(run.pk))
    assert status(run) == "completed"
    world.decide(world.leaf(run, "send_email"))
    _twice_at_once(tasks.dispatch_events, tasks.apply_approved, tasks.deliver, tasks.run_verify, tasks.tick)

    assert Quote.objects.count() == PendingPush.objects.count() == OutboundEmail.objects.count() == 1
    assert len(mail.outbox) == RunLog.objects.count() == 1
    assert Event.objects.filter(event_type="workflow.completed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_leaf_that_waited_for_the_hold_is_applied_by_one_of_two_workers(
    shared_database: None, world: World, oak: Customer
) -> None:
    invoice(oak, "100.00", overdue=10)
    run = world.through_the_gate("ar_aging_action_plan")
    call_command("hold", "on")
    world.decide(world.leaf(run, "draft_per_tier"))
    call_command("hold", "off")

    _twice_at_once(tasks.apply_approved, tasks.deliver)

    assert OutboundEmail.objects.count() == len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_who_start_the_same_key_start_one_run(shared_database: None, world: World, oak: Customer) -> None:
    _twice_at_once(lambda: world.start("customer_quote", quote_request(oak, "MILK"), key="once"))

    assert WorkflowRun.objects.count() == ProposedAction.objects.count() == 1


def _twice_at_once(*acts: Callable[[], object]) -> None:
    """Two workers, each does each act three times."""

    def worker() -> None:
        try:
            for _ in range(3):
                for act in acts:
                    act()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(worker) for _ in range(2)]:
            done.result()


def _only_manual() -> None:
    """Schedules start nothing here."""
    WorkflowContract.objects.update(paused=True, activated_at=database_now())

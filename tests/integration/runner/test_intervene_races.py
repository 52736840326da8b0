"""A person and workers, or two clicks, at the same moment: one of them wins, and what the other wrote is not there."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from approvals import chain
from approvals.clock import database_now
from tests import endpoints
from tests.company import customer, item, quote_request
from tests.integration.runner.interventions import attempt, decided, do, draft_and_wait
from tests.world import World, status, steps
from workflows_app.models import OutboundEmail, PendingPush, Quote, RunLog, WorkflowRun
from workflows_app.runner.advance import advance

pytestmark = [pytest.mark.usefixtures("site"), pytest.mark.django_db(transaction=True)]
ROUNDS = 12
Act = Callable[[], Any]


def at_once(*acts: Act) -> list[Any]:
    """Call all of them at the same moment, each with a connection of its own, in any order."""
    start = Barrier(len(acts))

    def run(act: Act) -> Any:
        start.wait()
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, random.sample(acts, len(acts))))


def quotes(world: World) -> Iterator[WorkflowRun]:
    """Quotes of different customers, each at its gate."""
    item("MILK")
    for number in range(ROUNDS):
        oak = customer(f"School {number}")
        yield world.start("customer_quote", quote_request(oak, "MILK", include_pdf=True))


def done(results: list[Any]) -> int:
    """How many interventions were done; the other acts answer something else."""
    return sum(getattr(result, "done", False) is True for result in results)


def test_cancel_and_approve_of_one_gate_never_both_happen(shared_database: None, world: World) -> None:
    for run in quotes(world):
        gate = world.gate(run)
        approve = lambda gate=gate: world.decide(gate)  # noqa: E731 one act of the race
        cancel = lambda run=run: do(run, "cancel", by=world.mike)  # noqa: E731

        at_once(approve, cancel, cancel)
        world.work()

        cancelled = status(run) == "cancelled"
        assert len(decided(run)) == int(cancelled)
        assert run.steps.filter(status="done").exists() is not cancelled
        assert RunLog.objects.filter(run=run).count() == 1
    assert chain.verify() == []


def test_cancel_and_a_worker_leave_all_or_nothing(shared_database: None, world: World) -> None:
    for run in quotes(world):
        world.decide(world.gate(run))
        work = lambda run=run: advance(run.pk)  # noqa: E731
        cancel = lambda run=run: do(run, "cancel", by=world.mike)  # noqa: E731

        results = at_once(work, work, cancel, cancel)

        assert done(results) == len(decided(run)) <= 1
        if status(run) == "cancelled":
            assert "done" not in steps(run).values()
        else:
            assert set(steps(run).values()) == {"done"}
    completed = WorkflowRun.objects.filter(status="completed").count()
    assert Quote.objects.count() == PendingPush.objects.count() == completed
    assert chain.verify() == []


def test_a_draft_is_approved_or_closed_with_its_run_never_both(shared_database: None, world: World) -> None:
    for number in range(ROUNDS):
        run = draft_and_wait(world, f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[number] * 5} Schools")
        draft = world.leaf(run, "welcome_email")
        approve = lambda draft=draft: world.decide(draft)  # noqa: E731
        cancel = lambda run=run: do(run, "cancel", by=world.mike)  # noqa: E731

        at_once(approve, approve, cancel, cancel)

        assert status(run) == "cancelled"
        approved = world.leaf(run, "welcome_email").status
        letters = OutboundEmail.objects.filter(proposed_action_id=draft.pk).count()
        assert (approved, letters) in [("approved", 1), ("closed", 0)]
    assert chain.verify() == []


def test_retry_skip_and_a_worker_settle_a_step_once(shared_database: None, world: World, site: endpoints.Site) -> None:
    for run in quotes(world):
        world.decide(world.gate(run))
        site.answers = [503]
        attempt(run, database_now() - timedelta(hours=1))
        assert status(run) == "retrying"
        retry = lambda run=run: do(run, "retry", by=world.mike, step="render_pdf", seen=1)  # noqa: E731
        skip = lambda run=run: do(run, "skip", by=world.mike, step="render_pdf", seen=1)  # noqa: E731
        work = lambda run=run: advance(run.pk)  # noqa: E731

        results = at_once(retry, retry, skip, skip, work)
        world.work(now=database_now() + timedelta(hours=1))

        assert done(results) == len(decided(run)) <= 2
        skipped = [each for each in decided(run) if each.proposal.title.startswith("Skip")]
        assert steps(run)["render_pdf"] == ("skipped" if skipped else "done")
        assert status(run) == ("partial" if skipped else "completed")
    assert chain.verify() == []

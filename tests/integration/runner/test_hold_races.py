"""Lifting the hold, cancelling and deciding at the same moment: each waits for the other, and none breaks off."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event as Signal
from typing import Any

import pytest
from django.db import connection

from approvals.canonical import parse
from approvals.models import ProposedAction
from approvals.principals import Principal
from tests.integration.runner.interventions import attempt, do, draft_and_wait
from tests.world import World, status
from workflows_app.models import WorkflowRun
from workflows_app.runner import hold, hooks, interventions
from workflows_app.runner.hold import on_hold, set_hold

pytestmark = pytest.mark.django_db(transaction=True)
BY = Principal.machine("test")
MOMENT = 0.4  # how long the others have to run into what they wait for
Act = Callable[[], Any]


@pytest.fixture
def meanwhile(shared_database: None) -> Iterator[Callable[[Act], "Future[Any]"]]:
    """Do something in a thread with a connection of its own."""

    def run(act: Act) -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        yield lambda act: pool.submit(run, act)


def held(world: World) -> WorkflowRun:
    """A run on hold whose welcome letter waits for a decision, and whose push waits for another attempt."""
    run = draft_and_wait(world)
    set_hold(True, BY)
    attempt(run)
    assert run.status == "held"
    return run


def stop_at(patch: pytest.MonkeyPatch, place: Any, name: str, until: Signal) -> Signal:
    """Whoever calls `place.name` is there (the signal) and goes on a moment later, or at `until`."""
    there, real = Signal(), getattr(place, name)

    def slow(*arguments: Any) -> Any:
        there.set()
        until.wait(MOMENT)
        return real(*arguments)

    patch.setattr(place, name, slow)
    return there


@pytest.mark.parametrize(("what", "end"), [("skip", "running"), ("cancel", "cancelled")])
def test_lifting_the_hold_waits_for_who_has_a_held_run(
    world: World, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[Act], "Future[Any]"], what: str, end: str
) -> None:
    run = held(world)
    step = {"step": "write_ns"} if what == "skip" else {}
    has_it = stop_at(monkeypatch, interventions, "carry_out", Signal())

    intervention = meanwhile(lambda: do(run, what, by=world.mike, **step))
    assert has_it.wait(60)
    lifted = meanwhile(lambda: set_hold(False, BY))

    assert intervention.result().done, intervention.result().message
    assert lifted.result() is True
    assert (status(run), on_hold()) == (end, False)


def test_a_cancel_a_decision_on_its_draft_and_the_lifting_of_the_hold_never_wait_in_a_circle(
    world: World, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[Act], "Future[Any]"]
) -> None:
    run = held(world)
    draft, go = world.leaf(run, "welcome_email"), Signal()
    has_draft = stop_at(monkeypatch, hooks, "hold_still", go)

    approved = meanwhile(lambda: world.decide(draft))
    assert has_draft.wait(60)
    cancelled = meanwhile(lambda: do(run, "cancel", by=world.mike))
    go.wait(MOMENT / 2)
    lifted = meanwhile(lambda: set_hold(False, BY))

    assert lifted.result() is True
    assert approved.result().outcome == "approved"
    assert cancelled.result().done, cancelled.result().message
    assert (status(run), on_hold()) == ("cancelled", False)


def test_the_successor_of_a_draft_that_was_edited_while_its_run_is_cancelled_is_closed_too(
    world: World, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[Act], "Future[Any]"]
) -> None:
    run = draft_and_wait(world)
    draft = world.leaf(run, "welcome_email")
    (letter,) = parse(draft.effects)["on_approve"]
    has_draft = stop_at(monkeypatch, hooks, "hold_still", Signal())

    edited = meanwhile(lambda: world.edit(draft, letter["id"], "subject", "Welcome"))
    assert has_draft.wait(60)
    cancelled = meanwhile(lambda: do(run, "cancel", by=world.mike))

    assert edited.result().outcome == "superseded", edited.result().message
    assert cancelled.result().done, cancelled.result().message
    assert status(run) == "cancelled"
    assert not ProposedAction.objects.filter(run_id=run.pk, status="pending").exists()


def test_a_held_run_that_was_changed_meanwhile_is_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run, change = held(world), hold.transitions.change

    def changed_meanwhile(stale: WorkflowRun, *arguments: Any, **fields: Any) -> None:
        monkeypatch.setattr(hold.transitions, "change", change)
        WorkflowRun.objects.filter(pk=stale.pk).update(fence=stale.fence + 1)
        change(stale, *arguments, **fields)

    monkeypatch.setattr(hold.transitions, "change", changed_meanwhile)

    assert set_hold(False, BY)
    assert (status(run), on_hold()) == ("running", False)


def test_a_run_that_was_cancelled_meanwhile_keeps_no_other_on_hold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, change = held(world), hold.transitions.change

    def cancelled_meanwhile(stale: WorkflowRun, *arguments: Any, **fields: Any) -> None:
        WorkflowRun.objects.filter(pk=stale.pk).update(status="cancelled")
        change(stale, *arguments, **fields)

    monkeypatch.setattr(hold.transitions, "change", cancelled_meanwhile)

    assert set_hold(False, BY)
    assert (status(first), on_hold()) == ("cancelled", False)

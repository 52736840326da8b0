"""How far each effect of a run has come, from the plan to the verify check."""

import pytest

from approvals.clock import database_now
from approvals.principals import Principal
from tests import endpoints
from tests.integration.admin.run.stories import (
    FILE,
    LETTER,
    PUSH,
    QUOTE,
    ladders,
    look,
    page,
    partial,
    quote,
    retrying,
    rungs,
    sent_quote,
)
from tests.world import World
from workflows_app.admin.run import ladder
from workflows_app.models import OutboundEmail, PendingPush, WorkflowRun
from workflows_app.triggers import rerun


@pytest.fixture
def sent(world: World, site: endpoints.Site) -> WorkflowRun:
    """A quote whose letter was sent."""
    return sent_quote(world)


def test_before_the_decision_nothing_is_climbed_but_the_first_rung(world: World) -> None:
    run = quote(world)

    assert rungs(run, QUOTE) == {"proposed": "done", "approved": "now", "applied": "todo", "verified": "todo"}
    assert rungs(run, PUSH) == {
        "proposed": "done", "approved": "now", "applied": "todo",
        "sent": "todo", "confirmed": "todo", "verified": "todo",
    }  # fmt: skip
    assert ladders(run)[QUOTE].top.name == "approved"


def test_a_letter_climbs_from_its_own_proposal_to_the_check_after_it(sent: WorkflowRun) -> None:
    before = rungs(sent, LETTER)
    look()

    assert before == {
        "proposed": "done", "approved": "done", "applied": "done", "sent": "done", "verified": "todo"
    }  # fmt: skip
    assert rungs(sent, LETTER)["verified"] == "done"
    assert rungs(sent, FILE)["verified"] == "done"
    assert rungs(sent, QUOTE)["verified"] == "done"


def test_a_staged_letter_that_nobody_decided_waits(world: World, site: endpoints.Site) -> None:
    run = quote(world)
    world.approve(world.gate(run))

    found = ladders(run)[LETTER]

    assert (found.top.name, found.top.state) == ("approved", "now")
    assert found.title == world.leaf(run, "send_email").title


def test_a_letter_that_was_rejected_goes_nowhere(world: World, site: endpoints.Site) -> None:
    run = quote(world)
    world.approve(world.gate(run))
    world.decide(world.leaf(run, "send_email"), "reject", reason="too dear")

    found = ladders(run)[LETTER]

    assert [rung.state for rung in found.rungs] == ["done", "bad", "not", "not"]
    assert found.top.note == "rejected by mike: Too dear"


@pytest.mark.parametrize(
    ("status", "state"), [("queued", "now"), ("sending", "now"), ("uncertain", "unknown"), ("failed", "bad")]
)
def test_a_letter_on_its_way_says_how_it_stands(sent: WorkflowRun, status: str, state: str) -> None:
    OutboundEmail.objects.update(status=status, sent_at=None)

    assert rungs(sent, LETTER)["sent"] == state


@pytest.mark.parametrize(
    ("status", "was_sent", "states"),
    [
        ("pending", False, ("now", "todo")),
        ("retrying", True, ("done", "now")),
        ("outcome_unknown", True, ("done", "unknown")),
        ("conflict", False, ("bad", "not")),
        ("dead", True, ("done", "bad")),
        ("applied", True, ("done", "done")),
    ],
)
def test_a_record_for_netsuite_is_sent_then_confirmed(
    sent: WorkflowRun, status: str, was_sent: bool, states: tuple[str, str]
) -> None:
    now = database_now()
    PendingPush.objects.update(status=status, sent_at=now if was_sent else None, confirmed_at=now)

    found = rungs(sent, PUSH)

    assert (found["sent"], found["confirmed"]) == states


def test_a_step_that_is_tried_again_and_one_that_failed(world: World, site: endpoints.Site) -> None:
    assert rungs(retrying(world, site), FILE)["applied"] == "now"


def test_what_failed_and_what_needed_it_is_not_applied(world: World, site: endpoints.Site) -> None:
    run = partial(world, site)

    assert rungs(run, FILE)["applied"] == "bad"
    assert rungs(run, LETTER)["applied"] == "not"
    assert rungs(run, QUOTE)["applied"] == "done"


def test_of_a_rejected_run_nothing_is_applied(world: World) -> None:
    run = quote(world)
    world.decide(world.gate(run), "reject")

    assert rungs(run, QUOTE)["approved"] == "bad"
    assert rungs(run, QUOTE)["applied"] == "not"


def test_a_check_that_does_not_hold_is_the_last_rung(sent: WorkflowRun) -> None:
    sent.verify_results.filter(name="pdf_stored").update(status="fail", executed_at=database_now())

    assert rungs(sent, FILE)["verified"] == "bad"
    assert rungs(sent, QUOTE)["verified"] == "todo"


def test_what_an_earlier_run_did_is_not_done_again(world: World, site: endpoints.Site) -> None:
    old = partial(world, site)
    run = rerun.start(old, principal=_principal(world))

    found = ladders(run)[QUOTE]

    assert found.earlier == old.pk
    assert [rung.state for rung in found.rungs] == ["done"]
    assert ladders(run)[FILE].earlier == ""


def test_no_more_than_so_many_are_shown(sent: WorkflowRun, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = len(page(sent).ladders.rows)
    monkeypatch.setattr(ladder, "MOST", 2)

    few = page(sent).ladders

    assert (len(few.rows), few.more) == (2, whole - 2)


def _principal(world: World) -> Principal:
    return Principal.person(world.mike)

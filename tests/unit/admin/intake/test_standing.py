"""Plain words for how a submission stands."""

import pytest

from approvals.canonical import canonical
from approvals.models import Decision, ProposedAction
from workflows_app.admin.intake.standing import Rows, standing
from workflows_app.models import PendingPush, WorkflowRun
from workflows_app.models.run import RunStatus


def run(status: str, *checks: tuple[str, str], error: str = "") -> WorkflowRun:
    """A run that is not stored. `checks`: those that did not pass, with their severity."""
    failed = [{"check": c, "severity": s, "passed": False, "detail": "", "rule": "x = 1"} for c, s in checks]
    return WorkflowRun(id="r", status=status, checks=canonical(failed), error=error)


def push(status: str, ns_id: str = "") -> PendingPush:
    return PendingPush(id="p", status=status, ns_id=ns_id)


@pytest.mark.parametrize("status", RunStatus.values)
def test_every_status_has_words(status: str) -> None:
    said = standing(run(status), Rows())

    assert said.headline
    assert "_" not in said.headline


def test_what_waits_says_that_nothing_is_entered_yet() -> None:
    said = standing(run("awaiting_approval", ("similar_name", "warn")), Rows())

    assert said.headline == "Waiting for a decision"
    assert "Nothing is entered before" in said.sentences[0]
    assert "a customer with a similar name" in said.missing[0]
    assert (said.again, said.settled) == (False, False)


def test_a_rejection_says_who_and_why_and_that_one_may_try_again() -> None:
    no = Decision(principal="person:mike", verdict="reject", reason="They owe us money.")

    said = standing(run("rejected", ("similar_name", "warn")), Rows(told=[no]))

    assert said.sentences == ("Mike wrote: They owe us money.",)
    assert (said.missing, said.again, said.settled) == ((), True, True)


def test_a_blocked_one_says_what_blocks_it() -> None:
    blocks = [("no_duplicate", "block"), ("no_duplicate_in_disguise", "block"), ("similar_name", "warn")]
    said = standing(run("blocked", *blocks), Rows())

    assert said.sentences == ("There is already a customer with this name or this email address.",)
    assert said.again


def test_a_check_without_words_is_said_by_its_name() -> None:
    assert standing(run("blocked", ("has_buyers", "block")), Rows()).sentences == ("Has buyers: x = 1",)


def test_done_means_created_only_when_netsuite_confirmed() -> None:
    waiting = standing(run("completed"), Rows(pushes=[push("retrying")]))
    created = standing(run("completed"), Rows(pushes=[push("applied", "4711")]))

    assert (waiting.headline, waiting.settled) == ("Approved, not in NetSuite yet", False)
    assert waiting.missing == ("NetSuite did not take it yet; it is tried again by itself.",)
    assert (created.headline, created.settled, created.missing) == ("Created in NetSuite", True, ())
    assert created.sentences == ("NetSuite calls it 4711.",)


def test_a_push_that_needs_the_office_says_so_and_settles() -> None:
    said = standing(run("completed"), Rows(pushes=[push("dead")]))

    assert said.settled
    assert "NetSuite refused it" in said.missing[0]


def test_a_letter_that_is_not_decided_is_missing() -> None:
    letter = ProposedAction(title="Welcome", status="pending")
    sent = ProposedAction(title="Sent", status="approved")

    said = standing(run("completed"), Rows(letters=[letter, sent]))

    assert said.missing == ("The letter “Welcome” waits for a decision.",)

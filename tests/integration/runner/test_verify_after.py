"""Checks that wait for a decision (`after:`): they end as the proposal does, with the true reason, and start afresh."""

from datetime import timedelta

import pytest

from approvals import services
from approvals.clock import database_now
from approvals.models import ProposedAction
from approvals.principals import Principal
from tests.company import customer, item, quote_request
from tests.world import World
from workflows_app.models import Alert, Customer, VerifyResult, WorkflowRun
from workflows_app.runner.hold import set_hold
from workflows_app.runner.verify import GRACE, run_due

BY = Principal.machine("test")


@pytest.fixture
def quoted(world: World) -> WorkflowRun:
    """A quote that was written; its letter waits for a decision."""
    item("MILK")
    return world.through_the_gate("customer_quote", quote_request(customer("Oak School"), "MILK"))


def sent(run: WorkflowRun) -> VerifyResult:
    """The check that waits for the letter."""
    return run.verify_results.get(name="email_sent")


def expire(letter: ProposedAction) -> None:
    """Its time is over, and a scheduler comes by."""
    now = database_now()
    past = {"proposed_at": now - timedelta(days=7), "expires_at": now - timedelta(seconds=1)}
    ProposedAction.objects.filter(pk=letter.pk).update(**past)
    services.expire_due()


def test_a_letter_closed_by_its_rules_leaves_its_check_without_a_subject(world: World, quoted: WorkflowRun) -> None:
    Customer.objects.update(email="new@example.org")

    world.decide(world.leaf(quoted, "send_email"))

    assert sent(quoted).status == "not_applicable"
    assert "closed: this does not hold any more" in sent(quoted).detail


def test_a_letter_closed_after_a_hold_leaves_its_check_without_a_subject(world: World, quoted: WorkflowRun) -> None:
    set_hold(True, BY)
    world.decide(world.leaf(quoted, "send_email"))
    Customer.objects.update(email="new@example.org")

    set_hold(False, BY)
    world.work()
    run_due(database_now() + timedelta(days=1))

    assert sent(quoted).status == "not_applicable"
    assert not Alert.objects.filter(kind="verify_failed").exists()


def test_a_rejected_letter_says_so(world: World, quoted: WorkflowRun) -> None:
    world.decide(world.leaf(quoted, "send_email"), "reject")

    assert (sent(quoted).status, sent(quoted).detail) == ("not_applicable", "send_email: rejected")


def test_an_expired_letter_says_so(world: World, quoted: WorkflowRun) -> None:
    expire(world.leaf(quoted, "send_email"))

    assert (sent(quoted).status, sent(quoted).detail) == ("not_applicable", "send_email: expired")


def test_approving_what_was_proposed_again_starts_the_window_of_its_check(world: World, quoted: WorkflowRun) -> None:
    letter = world.leaf(quoted, "send_email")
    expire(letter)

    world.decide(services.propose_again(letter.pk, "person:mike"))
    due = sent(quoted).due_at
    assert sent(quoted).status == "pending"
    assert due is not None
    world.deliver()
    run_due(due)

    assert sent(quoted).status == "pass"


def test_a_check_of_a_step_that_had_nothing_to_do_stays_so(world: World, quoted: WorkflowRun) -> None:
    VerifyResult.objects.filter(run=quoted, name="email_sent").update(status="not_applicable", spec="{}")

    world.decide(world.leaf(quoted, "send_email"))

    assert sent(quoted).status == "not_applicable"


def test_a_check_that_failed_is_not_started_afresh(world: World, quoted: WorkflowRun) -> None:
    letter = world.leaf(quoted, "send_email")
    VerifyResult.objects.filter(run=quoted, name="email_sent").update(status="fail")

    world.decide(letter)
    run_due(database_now() + GRACE)

    assert sent(quoted).status == "fail"

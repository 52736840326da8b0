"""Checks that wait for a decision (`after:`): they end as the proposal does, with the true reason, and start afresh."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from approvals import services
from approvals.clock import database_now
from approvals.models import ProposedAction
from approvals.principals import Principal
from tests import endpoints
from tests.company import customer, item, quote_request
from tests.integration.runner.interventions import do
from tests.world import World, release_text
from workflows_app.models import Alert, Customer, VerifyResult, WorkflowRun
from workflows_app.runner.hold import set_hold
from workflows_app.runner.verify import run_due
from workflows_app.runner.verify_staging import GRACE

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
    assert not Alert.objects.filter(kind="verify_failed", message__contains="email_sent").exists()


def test_the_window_of_a_letter_that_waits_for_a_hold_begins_when_it_is_applied(
    world: World, quoted: WorkflowRun
) -> None:
    set_hold(True, BY)
    world.decide(world.leaf(quoted, "send_email"))
    run_due(database_now() + timedelta(days=1))
    assert (sent(quoted).status, sent(quoted).due_at) == ("pending", None)

    set_hold(False, BY)
    world.work()

    assert sent(quoted).due_at is not None


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


# --- decided while the run still went on ------------------------------------------------------------------------------

SLOW = """
workflow_type: slow
contract_version: 1
title: Slow
category: Test
risk_level: 3
description: Proposes a letter, and then waits for an endpoint.
trigger: {kind: manual}
fan_out:
  - name: ask
    kind: stage_proposed_action
    action_type: ask
    entity_type: item
    entity_ref: MILK
    title: Retire milk
    on_approve:
      - {update: spec_items, where: {item_code: MILK}, set: {active: false}}
  - {name: call, kind: http_call, method: POST, path: /api/slow}
verify:
  - name: retired
    kind: sql
    window: 10s
    after: ask
    sql: SELECT item_code FROM spec_items WHERE active = ?
    params: ["false"]
    expect: rows >= 1
retry: {max_attempts: 2, backoff: linear, base_ms: 60000, max_ms: 60000}
"""


@pytest.fixture
def slow(world: World, settings: Settings) -> Iterator[WorkflowRun]:
    """A run whose endpoint was away, so that it is tried again in a minute; its proposal waits for a decision."""
    settings.WSGI_APPLICATION = "tests.endpoints.application"
    endpoints.site.answers[:] = [503]
    item("MILK")
    release_text(SLOW)
    run = world.through_the_gate("slow")
    assert run.status == "retrying"
    yield run
    endpoints.site.answers.clear()


@pytest.mark.parametrize(("verdict", "status"), [("approve", "pass"), ("reject", "not_applicable")])
def test_a_decision_before_the_run_ended_counts_too(world: World, slow: WorkflowRun, verdict: str, status: str) -> None:
    world.decide(world.leaf(slow, "ask"), verdict)

    world.work(slow.wake_at)
    run_due(database_now() + timedelta(minutes=30))

    assert slow.verify_results.get().status == status


def test_without_a_decision_the_check_waits_for_it(world: World, slow: WorkflowRun) -> None:
    world.work(slow.wake_at)

    assert slow.verify_results.get().due_at is None
    world.decide(world.leaf(slow, "ask"))
    assert slow.verify_results.get().due_at is not None


def test_what_expired_before_the_run_ended_leaves_its_check_without_a_subject(world: World, slow: WorkflowRun) -> None:
    expire(world.leaf(slow, "ask"))

    world.work(slow.wake_at)

    result = slow.verify_results.get()
    assert (result.status, result.detail) == ("not_applicable", "ask: expired")


def test_a_run_that_was_cancelled_is_not_looked_at(world: World, slow: WorkflowRun) -> None:
    leaf = world.leaf(slow, "ask")

    assert do(slow, "cancel", by=world.mike).done

    leaf.refresh_from_db()
    assert leaf.status == "closed"
    run_due(database_now() + timedelta(days=1))
    assert not slow.verify_results.exclude(status="not_applicable").exists()
    assert not Alert.objects.filter(kind="verify_failed").exists()

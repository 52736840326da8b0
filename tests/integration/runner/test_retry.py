"""A step that fails is tried again when its policy says so, and its neighbours go on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NoReturn

import pytest
from django.db import OperationalError

from approvals.canonical import parse
from approvals.clock import database_now
from approvals.principals import Principal
from tests import endpoints
from tests.company import customer, item, quote_request
from tests.factories import CustomerFactory, CustomerProgramFactory
from tests.world import World, planned, release_text, status, steps
from workflows_app.delivery import artifacts
from workflows_app.effects import apply
from workflows_app.models import (
    Alert,
    Customer,
    Event,
    PendingPush,
    Quote,
    RunLog,
    SpecItem,
    WorkflowRun,
    WorkflowStep,
)
from workflows_app.runner.advance import advance
from workflows_app.runner.hold import set_hold

FORM = {
    "company_name": "Lakeside Schools",
    "contact_email": "office@lakeside.example.org",
    "billing_address": "1 Lake Rd",
}


pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer, and an item."""
    item("MILK")
    return customer("Oak School")


@pytest.fixture
def run(world: World, oak: Customer) -> WorkflowRun:
    """An approved quote with a PDF, not worked on yet."""
    run = world.start("customer_quote", quote_request(oak, "MILK", include_pdf=True))
    assert world.decide(world.gate(run)).outcome == "approved"
    return run


def step(run: WorkflowRun, name: str = "render_pdf") -> WorkflowStep:
    return WorkflowStep.objects.get(run=run, step=name)


def attempt(run: WorkflowRun, now: datetime | None = None) -> datetime:
    """Advance now, or as soon as the run may be; the moment of it."""
    run.refresh_from_db()
    moment = now or run.wake_at or database_now()
    advance(run.pk, now=moment)
    run.refresh_from_db()
    return moment


def test_a_transient_failure_waits_for_its_next_attempt(run: WorkflowRun, site: endpoints.Site) -> None:
    site.answers = [503]

    now = attempt(run)

    failed = step(run)
    assert (run.status, failed.status, failed.attempts) == ("retrying", "retrying", 1)
    assert "503" in failed.error
    assert failed.next_attempt_at == run.wake_at
    assert timedelta(seconds=1.2) <= run.wake_at - now <= timedelta(seconds=1.8)


def test_the_second_wait_is_twice_as_long(run: WorkflowRun, site: endpoints.Site) -> None:
    site.answers = [503, 503]
    attempt(run)

    now = attempt(run)

    assert step(run).attempts == 2
    assert timedelta(seconds=2.4) <= run.wake_at - now <= timedelta(seconds=3.6)


def test_the_other_steps_go_on(run: WorkflowRun, site: endpoints.Site) -> None:
    site.answers = [503]

    attempt(run)

    assert steps(run) == {
        "write_quote": "done",
        "render_pdf": "retrying",
        "send_email": "pending",
        "ns_push": "done",
        "ar_forecast_touch": "done",
    }


def test_nothing_is_tried_before_its_time(world: World, run: WorkflowRun, site: endpoints.Site) -> None:
    site.answers = [503]
    attempt(run)

    done = world.work(now=run.wake_at - timedelta(milliseconds=1))

    assert done == 0
    assert len(site.keys) == 1


def test_the_next_attempt_finishes_the_run(world: World, run: WorkflowRun, site: endpoints.Site) -> None:
    site.answers = [503]
    attempt(run)

    world.work(now=run.wake_at)

    assert status(run) == "completed"
    assert set(steps(run).values()) == {"done"}
    assert artifacts.read(f"quotes/{Quote.objects.get().pk}.pdf") == endpoints.PDF
    assert Quote.objects.count() == PendingPush.objects.count() == 1


def test_every_attempt_carries_the_same_key(run: WorkflowRun, site: endpoints.Site) -> None:
    site.answers = [503, 503]

    attempt(run), attempt(run), attempt(run)

    assert len(site.keys) == 3
    assert len(set(site.keys)) == 1


def test_the_last_failure_alerts_and_leaves_a_partial_run(run: WorkflowRun, site: endpoints.Site) -> None:
    site.answers = [503, 502, 500]

    attempt(run), attempt(run), attempt(run)

    alert = Alert.objects.get(kind="step_failed")
    assert (run.status, step(run).status, step(run).attempts) == ("partial", "failed", 3)
    assert "render_pdf" in alert.message
    assert alert.run_id == run.pk
    assert step(run, "send_email").status == "not_reached"
    assert Event.objects.filter(run_id=run.pk, event_type="workflow.partial").count() == 1
    assert parse(RunLog.objects.get(run=run).summary_json)["steps"] == {"done": 3, "failed": 1, "not_reached": 1}


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_trouble_is_tried_again(run: WorkflowRun, site: endpoints.Site, code: int) -> None:
    site.answers = [code]

    attempt(run)

    assert run.status == "retrying"


@pytest.mark.parametrize("code", [301, 400, 401, 403, 404, 409, 422])
def test_a_refusal_is_not_tried_again(run: WorkflowRun, site: endpoints.Site, code: int) -> None:
    site.answers = [code]

    attempt(run)

    assert (run.status, step(run).status, step(run).attempts) == ("partial", "failed", 1)
    assert len(site.keys) == 1


def test_a_row_that_is_there_already_fails_its_step_and_no_other(world: World) -> None:
    run = world.start("new_customer", FORM)
    taken = planned(run, "assign_programs")[0]["id"]
    CustomerProgramFactory(id=taken)

    world.approve(world.gate(run))

    assert status(run) == "partial"
    assert steps(run) == {
        "write_d1": "done",
        "write_ns": "done",
        "assign_programs": "failed",
        "welcome_email": "done",
    }
    assert Customer.objects.count() == PendingPush.objects.count() == 1


def test_what_needs_a_failed_step_is_not_reached(world: World) -> None:
    run = world.start("new_customer", FORM)
    taken = planned(run, "write_d1")[0]["id"]
    world.decide(world.gate(run))
    CustomerFactory(id=taken, ns_id=None, companyname="Elm", prospect=True)

    world.work()

    assert status(run) == "failed"
    assert steps(run) == {
        "write_d1": "failed",
        "write_ns": "not_reached",
        "assign_programs": "not_reached",
        "welcome_email": "not_reached",
    }
    assert not PendingPush.objects.exists()
    assert Event.objects.get(run_id=run.pk, event_type="workflow.failed")


def _raise(error: Exception) -> Callable[..., NoReturn]:
    def fail(*args: object) -> NoReturn:
        raise error

    return fail


def test_a_trouble_of_the_database_is_tried_again(
    world: World, run: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(apply._ONE_BY_ONE, "netsuite.push", _raise(OperationalError("deadlock detected")))
        attempt(run)
    assert (run.status, step(run, "ns_push").status) == ("retrying", "retrying")

    attempt(run)

    assert run.status == "completed"
    assert PendingPush.objects.count() == 1


def test_a_defect_in_a_step_fails_that_step_alone(
    world: World, run: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(apply._ONE_BY_ONE, "netsuite.push", _raise(ZeroDivisionError("oops")))

    attempt(run)

    failed = step(run, "ns_push")
    assert (run.status, failed.status, failed.attempts) == ("partial", "failed", 1)
    assert failed.error == "ZeroDivisionError: oops"
    assert Quote.objects.count() == 1


# --- a frozen plan ----------------------------------------------------------------------------------------------------

CALL_THEN_WRITE = """\
workflow_type: call_then_write
contract_version: 1
title: Call, then write
category: Test
risk_level: 3
description: Calls an endpoint and then changes a row.
trigger: {kind: manual}
fan_out:
  - {name: fetch, kind: http_call, method: POST, path: /api/quote/pdf, produces: [sheets/a.pdf]}
  - name: rename
    kind: d1_write
    needs: [fetch]
    operations:
      - {update: spec_items, where: {item_code: MILK}, set: {description: Oat milk}}
retry: {max_attempts: 2, backoff: linear, base_ms: 3000, alert_on_final_failure: false}
"""


@pytest.fixture
def two_steps(world: World) -> WorkflowRun:
    """An approved run that calls and then renames the item MILK, with one retry after three seconds."""
    item("MILK", description="Milk")
    release_text(CALL_THEN_WRITE)
    run = world.start("call_then_write")
    world.decide(world.gate(run))
    return run


def test_a_value_that_changed_while_waiting_is_not_overwritten(two_steps: WorkflowRun, site: endpoints.Site) -> None:
    site.answers = [503]
    attempt(two_steps)
    SpecItem.objects.update(description="Whole milk")

    attempt(two_steps)

    assert SpecItem.objects.get().description == "Whole milk"
    assert steps(two_steps) == {"fetch": "done", "rename": "failed"}
    assert "description is Whole milk and was Milk" in step(two_steps, "rename").error


def test_a_value_that_did_not_change_is_written_after_the_wait(two_steps: WorkflowRun, site: endpoints.Site) -> None:
    site.answers = [503]
    now = attempt(two_steps)
    assert timedelta(seconds=2.4) <= two_steps.wake_at - now <= timedelta(seconds=3.6)

    attempt(two_steps)

    assert two_steps.status == "completed"
    assert SpecItem.objects.get().description == "Oat milk"


def test_a_plan_that_was_altered_while_waiting_is_not_applied(two_steps: WorkflowRun, site: endpoints.Site) -> None:
    site.answers = [503]
    attempt(two_steps)
    WorkflowRun.objects.filter(pk=two_steps.pk).update(plan=two_steps.plan.replace("Oat milk", "Poison"))

    attempt(two_steps)

    assert two_steps.status == "failed"
    assert SpecItem.objects.get().description == "Milk"
    assert Alert.objects.get().kind == "not_approved"


def test_a_contract_that_wants_no_alert_gets_none(two_steps: WorkflowRun, site: endpoints.Site) -> None:
    site.answers = [503, 503]

    attempt(two_steps), attempt(two_steps)

    assert two_steps.status == "failed"
    assert not Alert.objects.exists()


def test_a_hold_during_the_wait_stops_the_next_attempt(
    world: World, two_steps: WorkflowRun, site: endpoints.Site
) -> None:
    site.answers = [503]
    attempt(two_steps)
    set_hold(True, Principal.machine("test"))

    attempt(two_steps)
    assert two_steps.status == "held"
    assert len(site.keys) == 1
    set_hold(False, Principal.machine("test"))
    world.work(now=two_steps.wake_at)

    assert status(two_steps) == "completed"

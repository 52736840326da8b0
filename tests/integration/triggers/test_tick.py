"""A scheduler pass: each part is done whatever becomes of the others, and finds what nobody was told of."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django_q.models import OrmQ

from approvals import services
from approvals.clock import database_now
from approvals.models import ProposedAction
from approvals.principals import Principal
from tests.integration.triggers.small import on_cron, on_event, runs, spoil
from tests.world import World, release_text
from workflows_app.models import Alert, WorkflowRun
from workflows_app.runner import hold, post
from workflows_app.triggers import cron, events
from workflows_app.triggers import tick as scheduler
from workflows_app.triggers.tick import TickError, tick

pytestmark = pytest.mark.django_db
ASKS = """\
workflow_type: {name}
contract_version: 1
title: {name}
risk_level: {risk}
description: Asks before it does anything.
trigger: {{kind: manual}}
fan_out:
  - name: ask
    kind: stage_proposed_action
    action_type: say_so
    summary: May I?
    on_approve:
      - event: {{type: {name}.done, key: "{name}:${{{{ run.id }}}}"}}
retry: {{max_attempts: 1}}
"""


def move(proposal: ProposedAction, **moments: timedelta) -> None:
    """Set moments of a proposal, counted from now."""
    now = database_now()
    changes = {name: now + span for name, span in moments.items()}
    ProposedAction.objects.filter(pk=proposal.pk).update(proposed_at=now - timedelta(days=9), **changes)


def asked(world: World, *, name: str = "asks", risk: int = 2) -> ProposedAction:
    """The pending proposal of a run: its leaf at risk 2, its gate at risk 3."""
    release_text(ASKS.format(name=name, risk=risk))
    run = world.start(name)
    return ProposedAction.objects.get(run_id=run.pk)


def rung() -> list[str]:
    """The tasks that were asked for since the last look."""
    found = [row.task["func"].removeprefix("workflows_app.tasks.") for row in OrmQ.objects.all()]
    OrmQ.objects.all().delete()
    return found


@pytest.mark.parametrize("name", list(scheduler._PARTS))
def test_a_part_that_fails_keeps_no_other_from_being_done(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(now: Any) -> int:
        raise LookupError("nothing there")

    monkeypatch.setattr(scheduler, "_PARTS", {**scheduler._PARTS, name: failing})
    messages = []
    for _ in range(2):
        with pytest.raises(TickError) as error:
            tick(database_now())
        messages.append(str(error.value))

    alert = Alert.objects.get()
    assert error.value.found.keys() == scheduler._PARTS.keys() - {name}
    assert messages == [f"{name.replace('_', ' ')}: LookupError: nothing there"] * 2
    assert (alert.kind, alert.count) == ("scheduler", 2)
    assert "LookupError: nothing there" in alert.message


def test_an_alert_that_cannot_be_written_hides_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_database(*arguments: Any, **options: Any) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(cron, "start_due", lambda now: 1 // 0)
    monkeypatch.setattr(events, "dispatch", lambda now: 1 // 0)
    monkeypatch.setattr(type(Alert.objects), "raise_alert", no_database)

    with pytest.raises(TickError) as error:
        tick(database_now())

    assert error.value.failed.keys() == {"started_by_cron", "started_by_events"}


def test_a_contract_that_does_not_load_stops_no_part() -> None:
    now = database_now()
    spoil(on_cron("* * * * *", name="broken", at=now - timedelta(hours=1)))
    on_event("vendor.late")
    events.emit("vendor.late", "k", {})

    assert tick(now)["started_by_events"] == 1
    assert [run.workflow_type for run in runs()] == ["listener"]


# --- expiry and reminders ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_due")
def test_a_gate_that_cannot_be_ended_keeps_no_other_from_expiring(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gates = [asked(world, name=name, risk=3) for name in ("asks_a", "asks_b", "asks_c")]
    for gate in gates:
        move(gate, expires_at=-timedelta(seconds=1), window_ends_at=-timedelta(hours=1))
    conclude = post.conclude

    def failing(run: WorkflowRun, *arguments: Any, **options: Any) -> None:
        conclude(run, *arguments, **options)
        if run.workflow_type == "asks_b":
            raise LookupError("nothing there")

    monkeypatch.setattr(post, "conclude", failing)

    with pytest.raises(TickError, match="expired: NotExpiredError: 1 could not be ended"):
        tick(database_now())

    assert [ProposedAction.objects.get(pk=gate.pk).status for gate in gates] == ["expired", "pending", "expired"]


@pytest.mark.usefixtures("nothing_due")
def test_a_reminder_and_its_alert_are_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = asked(world)
    move(proposal, window_ends_at=-timedelta(hours=1))

    def dies(told: ProposedAction) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        services.remind_overdue(dies)

    assert [tick(database_now())["reminded"] for _ in range(2)] == [1, 0]
    assert Alert.objects.get(kind="overdue").count == 1


# --- leaves that were approved while everything was on hold -----------------------------------------------------------


@pytest.fixture
def leaf(world: World, mike: User) -> ProposedAction:
    """A leaf that was approved during a hold; nobody was told of anything."""
    proposal = asked(world)
    hold.set_hold(True, Principal.person(mike))
    assert world.decide(proposal).outcome == "approved"
    rung()
    return proposal


@pytest.mark.usefixtures("nothing_due")
def test_a_leaf_that_waits_is_rung_for_when_the_doorbell_was_lost(leaf: ProposedAction, mike: User) -> None:
    hold.set_hold(False, Principal.person(mike))
    rung()

    assert tick(database_now())["woken"] == 1
    assert "apply_approved" in rung()


@pytest.mark.usefixtures("nothing_due")
def test_nobody_is_rung_for_a_leaf_while_everything_is_on_hold(leaf: ProposedAction) -> None:
    assert tick(database_now())["woken"] == 0
    assert "apply_approved" not in rung()


@pytest.mark.usefixtures("nothing_due")
def test_a_leaf_that_is_applied_is_not_rung_for_again(leaf: ProposedAction, mike: User, world: World) -> None:
    hold.set_hold(False, Principal.person(mike))
    world.work()
    rung()

    assert tick(database_now())["woken"] == 0
    assert "apply_approved" not in rung()


@pytest.mark.usefixtures("nothing_due")
def test_a_leaf_that_is_pending_is_not_rung_for(world: World) -> None:
    asked(world)
    world.work()
    rung()

    assert tick(database_now())["woken"] == 0
    assert "apply_approved" not in rung()

"""Events: persisted first, matched once, one run per event and contract; chains end."""

from datetime import timedelta
from typing import Any

import pytest

from approvals.canonical import parse
from approvals.clock import database_now
from tests.integration.triggers.small import on_event, runs
from tests.world import World, ago
from workflows_app.models import Alert, Event, RunLog, WorkflowContract
from workflows_app.triggers import events
from workflows_app.triggers.work import work

pytestmark = pytest.mark.django_db


def happened(key: str = "k1", event_type: str = "vendor.late", **payload: Any) -> str:
    """Record an event; its id."""
    return events.emit(event_type, key, payload)


def test_an_event_starts_a_run_with_its_payload() -> None:
    on_event("vendor.late")

    happened(count=7)
    work()

    [run] = runs("listener")
    assert (run.trigger_kind, run.status) == ("event", "completed")
    assert Event.objects.get(event_type="listener.done").payload == '{"count":7}'


def test_the_same_key_is_one_event_and_one_run() -> None:
    on_event("vendor.late")

    first, second = happened("k1", count=1), happened("k1", count=2)
    work()
    third = happened("k1", count=3)
    work()

    assert first == second == third
    assert Event.objects.filter(event_type="vendor.late").count() == 1
    assert len(runs()) == 1


def test_one_event_starts_every_contract_that_listens() -> None:
    on_event("vendor.late", name="first_one")
    on_event("vendor.early", "vendor.late", name="second_one")
    on_event("vendor.early", name="third_one")

    happened()
    events.dispatch()

    assert {run.workflow_type for run in runs()} == {"first_one", "second_one"}


def test_an_event_that_nobody_listens_to_is_kept() -> None:
    happened()

    assert events.dispatch() == 0
    assert Event.objects.get().dispatched_at is not None


def test_an_event_waits_for_workers() -> None:
    on_event("vendor.late")

    happened()

    assert runs() == []
    assert Event.objects.get().dispatched_at is None


def test_dispatching_again_starts_nothing() -> None:
    on_event("vendor.late")
    happened()
    events.dispatch()
    Event.objects.update(dispatched_at=None)

    assert events.dispatch() == 0
    assert len(runs()) == 1


def test_an_event_from_before_the_contract_starts_nothing() -> None:
    happened()
    on_event("vendor.late", at=database_now() + timedelta(seconds=1))

    assert events.dispatch() == 0
    assert runs() == []


def test_a_new_version_of_an_old_contract_sees_what_was_waiting() -> None:
    on_event("vendor.late", at=ago(days=1))
    happened()
    on_event("vendor.late", version=2, at=database_now() + timedelta(seconds=1))

    events.dispatch()

    assert [run.contract.contract_version for run in runs()] == [2]


def test_a_paused_contract_starts_nothing() -> None:
    row = on_event("vendor.late")
    WorkflowContract.objects.filter(pk=row.pk).update(paused=True)
    happened()

    assert events.dispatch() == 0


def test_a_payload_that_cannot_be_used_leaves_a_failed_run_and_an_alert() -> None:
    on_event("vendor.late")

    happened(count="many")
    events.dispatch()

    [run] = runs()
    alert = Alert.objects.get(kind="bad_event")
    assert run.status == "failed"
    assert "count: takes a whole number" in run.error
    assert alert.run_id == run.pk
    assert RunLog.objects.get(run=run).status == "failed"


def test_fields_that_the_contract_does_not_know_are_left_out() -> None:
    on_event("vendor.late")

    happened(count=1, extra="x")
    work()

    assert [run.status for run in runs()] == ["completed"]


def test_one_bad_event_does_not_keep_the_next_from_starting() -> None:
    on_event("vendor.late")
    happened("bad", count="many")
    happened("good", count=1)

    work()

    assert sorted(run.status for run in runs()) == ["completed", "failed"]


# --- chains -----------------------------------------------------------------------------------------------------------


def test_a_circle_of_workflows_ends_with_an_alert() -> None:
    on_event("start.it", "pong.done", name="ping")
    on_event("ping.done", name="pong")

    happened(event_type="start.it")
    while work():
        pass

    alert = Alert.objects.get(kind="event_chain")
    assert [run.workflow_type for run in runs()] == ["ping", "pong"]
    assert "ping → pong" in alert.message


def test_a_workflow_that_starts_itself_ends_with_an_alert() -> None:
    on_event("start.it", "echo.done", name="echo")

    happened(event_type="start.it")
    while work():
        pass

    assert len(runs()) == 1
    assert Alert.objects.filter(kind="event_chain").count() == 1


def test_a_chain_of_more_than_five_links_ends_with_an_alert() -> None:
    on_event("start.it", name="link1")
    for number in range(2, 9):
        on_event(f"link{number - 1}.done", name=f"link{number}")

    happened(event_type="start.it")
    while work():
        pass

    assert [run.workflow_type for run in runs()] == [f"link{number}" for number in range(1, 7)]
    assert "link7 was not started" in Alert.objects.get(kind="event_chain").message


def test_an_event_carries_the_chain_of_its_causes() -> None:
    on_event("start.it", name="ping")
    on_event("ping.done", name="pong")

    happened(event_type="start.it")
    while work():
        pass

    causes = {event.event_type: parse(event.causes) for event in Event.objects.exclude(event_type="workflow.completed")}
    assert causes == {"start.it": [], "ping.done": ["ping"], "pong.done": ["ping", "pong"]}


def test_the_end_of_one_workflow_starts_another(world: World) -> None:
    on_event("workflow.completed", name="follower")
    form = {"company_name": "Elm", "contact_email": "office@elm.example.org", "billing_address": "1 Elm Rd"}

    first = world.through_the_gate("new_customer", form)

    [follower] = runs("follower")
    assert parse(follower.inputs)["run_id"] == first.pk
    assert parse(follower.trigger)["causes"] == ["new_customer"]
    assert follower.status == "completed"

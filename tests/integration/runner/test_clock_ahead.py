"""A clock that was ahead for one pass and was then corrected: what it wrote keeps nothing from going on."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django_q.models import OrmQ

from approvals.clock import database_now
from tests import endpoints
from tests.company import customer, item, quote_request
from tests.factories import OutboundEmailFactory
from tests.integration.netsuite.pushes import approved_push
from tests.integration.runner.interventions import attempt, do
from tests.integration.triggers.small import on_cron, on_event
from tests.world import World, status
from workflows_app import tasks
from workflows_app.delivery import email
from workflows_app.models import (
    Alert,
    CronOccurrence,
    NetSuiteSlot,
    OutboundEmail,
    PendingPush,
    SyncLog,
    VerifyResult,
    WorkflowRun,
)
from workflows_app.netsuite import push_queue, trouble
from workflows_app.netsuite.slots import slots
from workflows_app.netsuite.sync import kinds, log
from workflows_app.runner import claim, transitions
from workflows_app.runner.transitions import StaleRunError
from workflows_app.runner.verify import run_due
from workflows_app.triggers import cron, events, silence

MINUTE, AHEAD = timedelta(minutes=1), timedelta(days=300)


@pytest.fixture
def run(world: World, site: endpoints.Site) -> WorkflowRun:
    """An approved quote with a PDF, not worked on yet."""
    item("MILK")
    run = world.start("customer_quote", quote_request(customer("Oak School"), "MILK", include_pdf=True))
    assert world.decide(world.gate(run)).outcome == "approved"
    return run


def leased(run: WorkflowRun, until: datetime) -> WorkflowRun:
    WorkflowRun.objects.filter(pk=run.pk).update(lease_owner="a worker", lease_until=until)
    run.refresh_from_db()
    return run


def test_a_run_that_was_leased_then_goes_on(run: WorkflowRun) -> None:
    now = database_now()
    leased(run, now + AHEAD)

    assert claim.claim(run.pk, now) is not None


def test_a_lease_of_today_holds_against_workers_and_people(run: WorkflowRun) -> None:
    now = database_now()
    leased(run, now + claim.lease())

    assert claim.claim(run.pk, now) is None
    with pytest.raises(StaleRunError):
        transitions.seize(run, now)


def test_a_person_takes_a_run_that_was_leased_then(world: World, run: WorkflowRun, site: endpoints.Site) -> None:
    site.answers = [503]
    attempt(run)
    assert run.status == "retrying"
    leased(run, database_now() + AHEAD)

    assert do(run, "cancel", by=world.mike).done
    assert status(run) != "retrying"


def test_a_check_that_was_looked_at_and_leased_then_is_looked_at(world: World) -> None:
    item("MILK")
    world.through_the_gate("customer_quote", quote_request(customer("Oak School"), "MILK", include_pdf=False))
    now = database_now()
    then = now + AHEAD
    changed = VerifyResult.objects.filter(status="pending").update(
        lease_owner="a", lease_until=then, executed_at=then, due_at=now - MINUTE
    )

    assert changed
    assert sum(run_due(now).values()) == changed


@pytest.mark.django_db
def test_a_push_that_was_on_its_way_then_is_taken_back(mike: User) -> None:
    push = approved_push(mike, "1")
    now = database_now()
    PendingPush.objects.filter(pk=push.pk).update(status="in_flight", lease_owner="a", lease_until=now + MINUTE)
    assert push_queue.reap(now) == 0

    PendingPush.objects.filter(pk=push.pk).update(lease_until=now + AHEAD)
    assert push_queue.reap(now) == 1


@pytest.mark.django_db
def test_a_slot_that_was_taken_then_is_free() -> None:
    NetSuiteSlot.objects.create(pk=0, lease_owner="a", lease_until=database_now() + AHEAD)

    with slots(1, lease=MINUTE, patience=0)():
        assert NetSuiteSlot.objects.get().lease_until < database_now() + 2 * MINUTE


@pytest.mark.django_db
def test_a_pass_of_the_sync_that_ran_then_is_taken_over() -> None:
    now = database_now()
    assert log.begin(kinds.HOT, now + AHEAD) is not None

    assert log.begin(kinds.HOT, now) is not None
    assert log.begin(kinds.HOT, now + MINUTE) is None


@pytest.mark.django_db
def test_a_letter_that_was_claimed_then_does_not_stay_on_its_way() -> None:
    for claimed in (AHEAD, -MINUTE):
        OutboundEmailFactory(
            status="sending", claimed_at=database_now() + claimed, sent_at=None, created_at=database_now()
        )

    assert [email.give_up_on_stale() for _ in range(2)] == [1, 0]
    assert sorted(OutboundEmail.objects.values_list("status", flat=True)) == ["sending", "uncertain"]


@pytest.mark.django_db
def test_a_trouble_with_netsuite_that_was_met_then_is_no_pause_now() -> None:
    now = database_now()
    name = trouble.permission("customer")
    Alert.objects.raise_alert(name, kind="netsuite_permission", message="No.", now=now + AHEAD)
    assert not trouble.paused(name, now)
    assert trouble.paused_types(now) == []

    Alert.objects.raise_alert(name, kind="netsuite_permission", message="No.", now=now)
    assert trouble.paused(name, now + MINUTE)
    assert trouble.paused_types(now + MINUTE) == ["customer"]


# --- the sync ---------------------------------------------------------------------------------------------------------


def read(began: datetime, status: str = "completed", **facts: object) -> SyncLog:
    """A pass that ended."""
    return SyncLog.objects.create(
        sync_type=kinds.CHANGES, status=status, started_at=began, window_to=began, completed_at=began, **facts
    )


@pytest.mark.django_db
def test_what_changed_is_read_since_the_last_pass_whose_clock_was_right() -> None:
    now = database_now()
    read(now - 20 * MINUTE)
    read(now + AHEAD)

    assert log.newest_cursor([kinds.CHANGES], now) == now - 20 * MINUTE
    assert log.newest_cursor([kinds.CHANGES], now + AHEAD) == now + AHEAD


@pytest.mark.django_db
def test_a_pass_that_failed_then_is_not_gone_on_with_and_hides_none_that_is() -> None:
    now = database_now()
    read(now + AHEAD, status="failed", window_from=now + AHEAD, stage="customers", after="7")
    fresh = log.begin(kinds.CHANGES, now)
    assert fresh is not None
    assert (fresh.window_from, fresh.window_to, fresh.stage) == (None, None, "")
    log.fail(fresh, "no", now, calls=1, busy=0, alert_after=3)

    read(now - MINUTE, status="failed", window_from=now - 20 * MINUTE, stage="items", after="9")
    SyncLog.objects.filter(pk=fresh.pk).delete()
    again = log.begin(kinds.CHANGES, now)
    assert again is not None
    assert (again.window_from, again.stage, again.after) == (now - 20 * MINUTE, "items", "9")


@pytest.mark.django_db
def test_failures_in_a_row_are_an_alert_also_after_passes_of_then() -> None:
    now = database_now()
    read(now + AHEAD)
    for number in range(3):
        row = log.begin(kinds.CHANGES, now + number * MINUTE)
        assert row is not None
        log.fail(row, "no", now + number * MINUTE, calls=1, busy=0, alert_after=3)

    assert Alert.objects.open().filter(kind="sync_failed").exists()


# --- contracts that were activated then -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_schedule_of_a_contract_that_was_released_then_starts_runs_now() -> None:
    now = database_now()
    on_cron("* * * * *", at=now + AHEAD)

    assert [cron.start_due(now + number * MINUTE) for number in range(3)] == [1, 1, 1]


@pytest.mark.django_db
def test_a_version_that_was_released_then_goes_on_from_the_last_occurrence() -> None:
    now = database_now()
    on_cron("* * * * *", at=now - 30 * MINUTE)
    cron.start_due(now - 20 * MINUTE)
    on_cron("* * * * *", at=now + AHEAD, version=2)

    cron.start_due(now)

    assert CronOccurrence.objects.filter(status="missed", scheduled_for__gt=now - 20 * MINUTE).count() == 19


@pytest.mark.django_db
def test_the_silence_of_a_schedule_that_was_released_then_is_heard() -> None:
    now = database_now()
    on_cron("* * * * *", at=now + AHEAD)
    for name in silence.PASSES:
        silence.ended_well(name, now)
    silence.ended_well(silence.TICK, now)

    assert [each.what for each in silence.silences(now)] == ["cron:clock"]


@pytest.mark.django_db
def test_a_contract_that_was_released_then_hears_the_events_of_now() -> None:
    now = database_now()
    on_event("vendor.calls", at=now + AHEAD)
    events.emit("vendor.calls", "a-key", {})

    assert events.dispatch() == 1


# --- two hosts whose clocks differ by seconds -------------------------------------------------------------------------


@pytest.fixture
def waiting(run: WorkflowRun, site: endpoints.Site) -> Callable[[timedelta], WorkflowRun]:
    """The run waits so long for its next attempt, and no doorbell is left."""

    def wait(rest: timedelta) -> WorkflowRun:
        site.answers = [503]
        attempt(run)
        WorkflowRun.objects.filter(pk=run.pk).update(wake_at=database_now() + rest)
        OrmQ.objects.all().delete()
        return run

    return wait


@pytest.mark.parametrize("rest", [timedelta(milliseconds=900), timedelta(seconds=20)])
def test_a_doorbell_that_is_heard_early_rings_again_with_the_rest(
    waiting: Callable[[timedelta], WorkflowRun], rest: timedelta
) -> None:
    run = waiting(rest)
    before = database_now()

    tasks.advance(run.pk)

    [doorbell] = OrmQ.objects.all()
    assert (doorbell.func(), doorbell.args()) == ("workflows_app.tasks.advance", (run.pk,))
    assert (
        timedelta(milliseconds=500) < doorbell.lock - before <= max(rest, timedelta(seconds=1)) + timedelta(seconds=9)
    )


def test_a_doorbell_for_a_run_that_waits_longer_is_left_to_the_tick(
    waiting: Callable[[timedelta], WorkflowRun],
) -> None:
    tasks.advance(waiting(2 * MINUTE).pk)

    assert not OrmQ.objects.exists()


def test_a_doorbell_for_a_run_that_another_worker_has_is_not_repeated(
    waiting: Callable[[timedelta], WorkflowRun],
) -> None:
    run = waiting(timedelta(seconds=20))
    leased(run, database_now() + MINUTE)

    tasks.advance(run.pk)

    assert not OrmQ.objects.exists()


@pytest.mark.django_db
def test_a_doorbell_for_nothing_is_not_repeated() -> None:
    tasks.advance("no such run")

    assert not OrmQ.objects.exists()

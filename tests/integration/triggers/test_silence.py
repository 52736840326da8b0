"""What should have happened and did not, and the alerts about it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import ProposalStatus, ProposedAction
from tests import factories
from tests.integration.triggers.small import on_cron, spoil
from workflows_app.models import Alert, CronOccurrence, Heartbeat, WorkflowContract
from workflows_app.models.heartbeat import SET_UP
from workflows_app.triggers import cron, silence
from workflows_app.triggers.alarm import sound
from workflows_app.triggers.silence import ended_well, silences

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
DAY = timedelta(days=1)
SYNCS = ["sync_receivables", "sync_changes", "sync_nightly"]
ALL = ["tick", "deliver", "run_verify", *SYNCS, "poll_mailbox"]


def silent(now: datetime) -> list[str]:
    return [silence.what for silence in silences(now)]


def all_ran(now: datetime) -> None:
    for name in ALL:
        ended_well(name, now)


def set_up(now: datetime) -> None:
    Heartbeat.objects.beat(SET_UP, now)


# --- a fresh installation ---------------------------------------------------------------------------------------------


def test_the_first_minutes_after_set_up_are_no_silence() -> None:
    set_up(NINE)
    on_cron("* * * * *", at=NINE - DAY)

    assert silent(NINE + 5 * MINUTE) == []


def test_a_scheduler_that_never_ran_is_told_after_a_grace_from_set_up() -> None:
    set_up(NINE)

    [silence] = silences(NINE + 6 * MINUTE)

    assert silence.what == "tick"
    assert silence.sentence.startswith("The scheduler has not run yet, and was set up at 2026-09-14 09:00 UTC: start")


def test_an_installation_that_was_not_set_up_is_told_to() -> None:
    [silence] = silences(NINE)

    assert "run manage.py set_up once" in silence.sentence


def test_after_the_first_tick_the_others_have_their_time() -> None:
    set_up(NINE)
    ended_well("tick", NINE + MINUTE)

    assert silent(NINE + 2 * MINUTE) == []


# --- the regular passes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "minutes"),
    [
        ("tick", 5),
        ("deliver", 15),
        ("run_verify", 45),
        ("sync_receivables", 45),
        ("sync_changes", 45),
        ("sync_nightly", 26 * 60),
        ("poll_mailbox", 30),
    ],
)
def test_a_pass_is_silent_when_its_period_and_grace_are_over(name: str, minutes: int) -> None:
    all_ran(NINE)
    late = NINE + minutes * MINUTE

    assert name not in silent(late)
    assert name in silent(late + SECOND)


def test_each_sentence_says_since_when_and_what_to_do() -> None:
    all_ran(NINE)

    sentences = [silence.sentence for silence in silences(NINE + 2 * DAY)]

    assert len(sentences) == 7
    assert all("since 2026-09-14 09:00 UTC" in sentence for sentence in sentences)
    assert "start a cluster (python -m config.cluster)" in sentences[0]
    assert "manage.py deliver does it by hand" in sentences[1]
    assert "manage.py sync_netsuite --full does it by hand" in sentences[5]


def test_a_late_task_does_not_set_a_heartbeat_back() -> None:
    ended_well("deliver", NINE)
    ended_well("deliver", NINE - 5 * MINUTE)

    assert Heartbeat.objects.get(name="deliver").at == NINE


def test_after_a_long_downtime_nothing_is_silent_once_the_first_tick_is_through() -> None:
    on_cron("0 * * * *", at=NINE - DAY)
    cron.start_due(NINE - HOUR)
    all_ran(NINE - HOUR)
    back = NINE + 9 * DAY
    assert silent(back) == [*ALL, "cron:clock"]

    cron.start_due(back)
    sound(back)
    ended_well("tick", back)

    assert silent(back + SECOND) == []
    assert not Alert.objects.filter(kind="silence").exists()


def test_a_pass_that_stays_away_after_a_downtime_is_told_in_its_time() -> None:
    all_ran(NINE)
    back = NINE + 9 * DAY
    for minute in range(50):
        ended_well("tick", back + minute * MINUTE)

    assert silent(back + 49 * MINUTE) == ["deliver", "run_verify", "sync_receivables", "sync_changes", "poll_mailbox"]


# --- occurrences ------------------------------------------------------------------------------------------------------


@pytest.fixture
def awake(monkeypatch: pytest.MonkeyPatch) -> None:
    """The passes have ended well, and have a day's time for the next."""
    all_ran(NINE)
    monkeypatch.setattr(silence, "_LONGEST", dict.fromkeys(ALL, DAY))


def test_an_occurrence_without_a_row_is_silent_after_five_minutes(awake: None) -> None:
    on_cron("0 9 * * *", at=NINE - HOUR)

    assert silent(NINE + 4 * MINUTE) == []
    [silence] = silences(NINE + 5 * MINUTE)
    assert (silence.what, silence.since) == ("cron:clock", NINE)
    assert silence.sentence.startswith("clock was due at 2026-09-14 09:00 UTC and has not started")


def test_an_occurrence_that_started_or_was_missed_is_not_silent(awake: None) -> None:
    on_cron("0 9 * * *", name="started", at=NINE - HOUR)
    on_cron("0 8 * * *", name="missed", at=NINE - 2 * HOUR, catch_up=0)
    cron.start_due(NINE)

    assert set(CronOccurrence.objects.values_list("status", flat=True)) == {"started", "missed"}
    assert silent(NINE + HOUR) == []


@pytest.mark.parametrize("change", [{"paused": True}, {"active": False}])
def test_a_contract_that_is_paused_or_replaced_is_not_expected(awake: None, change: dict[str, bool]) -> None:
    row = on_cron("0 9 * * *", at=NINE - HOUR)
    WorkflowContract.objects.filter(pk=row.pk).update(**change)

    assert silent(NINE + HOUR) == []


def test_a_contract_that_does_not_load_is_named(awake: None) -> None:
    spoil(on_cron("0 9 * * *", at=NINE - HOUR))

    [silence] = silences(NINE)

    assert "clock v1 does not load, so nothing starts it: load a new version of clock, or pause it." in silence.sentence


def test_what_came_due_before_a_version_was_active_is_not_expected_of_it(awake: None) -> None:
    on_cron("0 9 * * *", at=NINE - HOUR)
    cron.start_due(NINE)
    on_cron("0 * * * *", at=NINE + 3 * HOUR + MINUTE, version=2)

    assert silent(NINE + 3 * HOUR + 50 * MINUTE) == []


def test_two_queries_whatever_the_tables_hold(awake: None) -> None:
    for number in range(3):
        on_cron("* * * * *", name=f"clock_{number}", at=NINE)
    cron.start_due(NINE + HOUR)
    silences(NINE + HOUR)

    with CaptureQueriesContext(connection) as captured:
        silences(NINE + HOUR)

    assert len(captured) == 2


# --- alerts -----------------------------------------------------------------------------------------------------------


def test_silence_is_an_alert_and_ends_by_itself(awake: None) -> None:
    on_cron("0 9 * * *", at=NINE - HOUR)
    assert sound(NINE + 6 * MINUTE) == 1
    [alert] = Alert.objects.open()
    assert (alert.key, alert.kind) == ("silence:cron:clock", "silence")

    cron.start_due(NINE + 7 * MINUTE)
    assert sound(NINE + 7 * MINUTE) == 0

    alert.refresh_from_db()
    assert (alert.resolved_at, alert.resolved_by) == (NINE + 7 * MINUTE, "machine:schedule")


def test_a_pass_that_stopped_is_an_alert_while_the_scheduler_runs() -> None:
    all_ran(NINE)
    for minute in range(21):
        ended_well("tick", NINE + minute * MINUTE)

    assert sound(NINE + 20 * MINUTE) == 1
    assert Alert.objects.open().get().key == "silence:deliver"


def test_an_alert_of_every_pass_ends_when_it_is_not_repeated() -> None:
    Alert.objects.raise_alert("tick:woken", kind="scheduler", message="It failed.", now=NINE)
    sound(NINE + 9 * MINUTE)
    assert Alert.objects.open().exists()

    sound(NINE + 11 * MINUTE)
    assert not Alert.objects.open().exists()


def test_a_reminder_ends_with_the_decision() -> None:
    waiting, decided = factories.ProposedActionFactory(), factories.ProposedActionFactory()
    for proposal in (waiting, decided):
        Alert.objects.raise_alert(f"overdue:{proposal.pk}", kind="overdue", message="Waits.", now=NINE)
    ProposedAction.objects.filter(pk=decided.pk).update(status=ProposalStatus.REJECTED)

    sound(NINE + MINUTE)

    assert [alert.key for alert in Alert.objects.open()] == [f"overdue:{waiting.pk}"]


# --- a clock that was ahead -------------------------------------------------------------------------------------------

AHEAD = 300 * DAY


def test_heartbeats_of_a_clock_that_was_ahead_do_not_hide_a_silence() -> None:
    set_up(NINE - DAY)
    all_ran(NINE + AHEAD)
    assert silent(NINE) == ["tick"]

    all_ran(NINE)

    assert silent(NINE + MINUTE) == []
    assert set(silent(NINE + 2 * DAY)) == set(ALL)
    assert {beat.at for beat in Heartbeat.objects.exclude(name=SET_UP)} == {NINE}


def test_set_up_by_a_clock_that_was_ahead_hides_no_silence() -> None:
    set_up(NINE + AHEAD)
    on_cron("0 * * * *", at=NINE - DAY)
    all_ran(NINE)

    assert silent(NINE) == ["cron:clock"]


def test_a_schedule_that_stops_after_a_clock_was_ahead_is_silent() -> None:
    on_cron("0 * * * *", at=NINE - DAY)
    cron.start_due(NINE + AHEAD)
    all_ran(NINE)

    assert silent(NINE) == ["cron:clock"]

    cron.start_due(NINE)
    assert silent(NINE) == []


@pytest.mark.parametrize("since", [MINUTE, timedelta()])
def test_a_turn_that_was_taken_by_a_clock_ahead_is_taken_again(since: timedelta) -> None:
    Heartbeat.objects.take_turn("alert_mail", NINE + AHEAD, since=NINE)

    assert Heartbeat.objects.take_turn("alert_mail", NINE, since=NINE - since)
    assert not Heartbeat.objects.take_turn("alert_mail", NINE, since=NINE - since)

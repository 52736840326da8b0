"""Contracts that cannot be started by their schedule: named in an alert, and no other waits for them."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.triggers.small import mend, on_cron, runs, spoil
from workflows_app.models import Alert, CronOccurrence, WorkflowContract
from workflows_app.triggers import cron

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_a_contract_that_does_not_load_keeps_no_other_from_starting() -> None:
    spoil(on_cron("0 9 * * *", name="broken", at=NINE - HOUR))
    on_cron("0 9 * * *", name="sound", at=NINE - HOUR)

    assert cron.start_due(NINE) == 1

    assert [run.workflow_type for run in runs()] == ["sound"]
    assert "broken v1 does not load" in Alert.objects.get().message


def test_a_contract_whose_text_was_altered_is_named() -> None:
    row = on_cron("0 9 * * *", name="altered", at=NINE - HOUR)
    WorkflowContract.objects.filter(pk=row.pk).update(source=row.source + "\n", sha256="0" * 64)

    assert cron.start_due(NINE) == 0
    assert "the stored text of altered v1 is not the one that was released" in Alert.objects.get().message


def test_what_was_due_starts_when_the_contract_loads_again() -> None:
    row = on_cron("0 9 * * *", name="broken", at=NINE - HOUR)
    spoil(row)
    cron.start_due(NINE)
    cron.start_due(NINE + MINUTE)
    mend(row)

    assert cron.start_due(NINE + 2 * MINUTE) == 1
    assert Alert.objects.get().count == 2


def test_a_broken_contract_that_is_paused_says_nothing() -> None:
    row = on_cron("0 9 * * *", name="broken", at=NINE - HOUR)
    spoil(row)
    WorkflowContract.objects.filter(pk=row.pk).update(paused=True)

    assert cron.start_due(NINE) == 0
    assert not Alert.objects.exists()


def test_a_start_that_fails_keeps_no_other_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    on_cron("0 9 * * *", name="broken", at=NINE - HOUR)
    on_cron("0 9 * * *", name="sound", at=NINE - HOUR)
    create = cron.create_run

    def failing(row: WorkflowContract, *rest: object) -> object:
        return 1 / 0 if row.workflow_type == "broken" else create(row, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(cron, "create_run", failing)

    assert cron.start_due(NINE) == 1
    assert "broken v1 cannot be started by its schedule: ZeroDivisionError" in Alert.objects.get().message
    assert list(CronOccurrence.objects.values_list("workflow_type", flat=True)) == ["sound"]


def test_a_year_of_missed_minutes_is_told_in_one_alert_and_the_newest_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cron, "_MOST_MISSED", 100)
    on_cron("* * * * *", at=NINE - timedelta(days=1))

    assert cron.start_due(NINE) == 1

    rows = CronOccurrence.objects.filter(status="missed").order_by("scheduled_for")
    assert rows.count() == 100
    assert rows[0].scheduled_for == NINE - 100 * MINUTE
    assert "1439 occurrences were missed, the first at 2026-09-13 09:01 UTC" in Alert.objects.get().message


# --- a new version while the scheduler is away ------------------------------------------------------------------------


def test_what_the_old_version_left_undone_is_caught_up_by_the_new_one() -> None:
    on_cron("0 9 * * *", at=NINE - HOUR)
    on_cron("0 18 * * *", at=NINE + 10 * MINUTE, version=2)

    assert cron.start_due(NINE + 20 * MINUTE) == 1

    assert CronOccurrence.objects.get().scheduled_for == NINE


def test_a_new_version_misses_nothing_of_the_time_before_it() -> None:
    on_cron("0 9 * * *", at=NINE - HOUR)
    cron.start_due(NINE)
    on_cron("* * * * *", at=NINE + 5 * HOUR, version=2)

    assert cron.start_due(NINE + 5 * HOUR + MINUTE) == 1

    assert not Alert.objects.exists()
    assert CronOccurrence.objects.count() == 2


def test_each_version_that_was_active_during_the_downtime_counts_for_its_own_time() -> None:
    on_cron("0 * * * *", at=NINE - 4 * HOUR)
    cron.start_due(NINE - 4 * HOUR + 2 * MINUTE)
    on_cron("30 * * * *", at=NINE - 2 * HOUR - MINUTE, version=2)
    on_cron("45 * * * *", at=NINE - HOUR - MINUTE, version=3)

    cron.start_due(NINE)

    due = CronOccurrence.objects.order_by("scheduled_for").values_list("scheduled_for", flat=True)
    assert [f"{moment:%H:%M}" for moment in due] == ["06:00", "07:30", "08:45"]

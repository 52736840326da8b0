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

"""Cron contracts: one row per due occurrence, so that two clusters, a restart or a replay start one run."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim
from django.db import transaction

from approvals.principals import Principal
from workflows_app.contracts.schema import CronTrigger
from workflows_app.effects.errors import EffectError
from workflows_app.effects.guard import guarded
from workflows_app.models import Alert, CronOccurrence, WorkflowContract
from workflows_app.runner.enqueue import ring
from workflows_app.runner.inputs import check_inputs
from workflows_app.runner.start import Cause, create_run
from workflows_app.triggers.active import Active, load_active

_NO_LATER_THAN = timedelta(minutes=2)


def start_due(now: datetime) -> int:
    """Start every contract whose cron came due since its last occurrence; how many runs.

    A contract that does not load or cannot be started is named in an alert. Its occurrences stay due, and the others
    start as ever.
    """
    loaded, _ = load_active(WorkflowContract.objects.filter(active=True), now)
    return sum(_start_one(active, now) for active in loaded)


def occurrences(trigger: CronTrigger, after: datetime, until: datetime) -> Iterator[datetime]:
    """The due moments in (after, until], in UTC, by Debian cron's rules for the contract's time zone."""
    for moment in CronSim(trigger.cron, after.astimezone(ZoneInfo(trigger.tz))):
        due = moment.astimezone(UTC)
        if due > until:
            return
        if due > after:
            yield due


def _start_one(active: Active, now: datetime) -> int:
    trigger = active.contract.trigger
    if not isinstance(trigger, CronTrigger):
        return 0
    try:
        with guarded():
            return _start_due(active, trigger, now)
    except EffectError as error:
        if error.permanent:  # else the database was busy, and the next tick tries again
            name = active.row.workflow_type
            message = f"{active.row} cannot be started by its schedule: {error.message}"
            Alert.objects.raise_alert(f"cron:{name}", kind="contract", message=message, now=now)
        return 0


def _start_due(active: Active, trigger: CronTrigger, now: datetime) -> int:
    row = active.row
    due = list(occurrences(trigger, _last(row), now))
    if not due:
        return 0
    late = max(timedelta(minutes=trigger.catch_up_minutes), _NO_LATER_THAN)
    runs = not row.paused and now - due[-1] <= late
    missed = due[:-1] if runs else due
    _record_missed(row, missed, now)
    return int(runs and _start(active, due[-1], now))


def _last(row: WorkflowContract) -> datetime:
    """The last occurrence that was dealt with, or the moment the contract became active."""
    latest = CronOccurrence.objects.filter(workflow_type=row.workflow_type).order_by("-scheduled_for").first()
    return latest.scheduled_for if latest else row.activated_at or row.loaded_at


def _record_missed(row: WorkflowContract, missed: list[datetime], now: datetime) -> None:
    if not missed:
        return
    CronOccurrence.objects.bulk_create(
        [
            CronOccurrence(workflow_type=row.workflow_type, scheduled_for=due, status="missed", created_at=now)
            for due in missed
        ],
        ignore_conflicts=True,
    )
    if not row.paused:
        message = (
            f"{row.workflow_type}: {len(missed)} occurrences were missed, the first at {missed[0]:%Y-%m-%d %H:%M} UTC"
        )
        Alert.objects.raise_alert(f"missed:{row.workflow_type}", kind="missed", message=message, now=now)


def _start(active: Active, due: datetime, now: datetime) -> bool:
    """The occurrence row and its run in one transaction; the unique keys let one of two ticks win."""
    row = active.row
    with transaction.atomic():
        occurrence, created = CronOccurrence.objects.get_or_create(
            workflow_type=row.workflow_type, scheduled_for=due, defaults={"status": "started", "created_at": now}
        )
        if not created:
            return False
        cause = Cause(
            kind="cron",
            key=f"cron:{row.workflow_type}:{due:%Y-%m-%dT%H:%MZ}",
            principal=Principal.machine("schedule"),
            source=f"due at {due:%Y-%m-%d %H:%M} UTC",
        )
        run, _ = create_run(row, check_inputs(active.contract, {}), cause, now)
        CronOccurrence.objects.filter(pk=occurrence.pk).update(run_id=run.pk)
        ring("advance", run.pk)
    return True

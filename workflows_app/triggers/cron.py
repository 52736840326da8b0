"""Cron contracts: one row per due occurrence, so that two clusters, a restart or a replay start one run."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction

from approvals.principals import Principal
from workflows_app.contracts.occurrences import occurrences
from workflows_app.contracts.problems import ContractErrors
from workflows_app.contracts.schema import CronTrigger
from workflows_app.effects.errors import EffectError
from workflows_app.effects.guard import guarded
from workflows_app.models import Alert, CronOccurrence, WorkflowContract
from workflows_app.runner.enqueue import ring
from workflows_app.runner.inputs import check_inputs
from workflows_app.runner.release import ReleaseError, contract_for
from workflows_app.runner.start import Cause, create_run
from workflows_app.triggers.active import Active, load_active

_EVER: Final = datetime.min.replace(tzinfo=UTC)
_NO_LATER_THAN: Final = timedelta(minutes=2)
# Rows about one downtime. An every-minute cron that was away for a year is told in its alert, not in 500,000 rows.
_MOST_MISSED: Final = 10_000


def start_due(now: datetime) -> int:
    """Start every contract whose cron came due since its last occurrence; how many runs.

    A contract that does not load or cannot be started is named in an alert. Its occurrences stay due, and the others
    start as ever.
    """
    loaded, _ = load_active(WorkflowContract.objects.filter(active=True), now)
    return sum(_start_one(active, now) for active in loaded)


def skip_due(row: WorkflowContract, now: datetime) -> None:
    """Record what came due until `now` as missed, without an alert: it was not to run.

    Raises `ContractErrors` or `ReleaseError` for a contract that does not load.
    """
    trigger = contract_for(row).trigger
    if isinstance(trigger, CronTrigger):
        due = _due(row, trigger, now)
        _forget_unreal(row, now)
        _record_missed(row, due, now)


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
    if not _due(active.row, trigger, now):
        return 0
    row = _locked(active.row)
    due = _due(row, trigger, now) if row else []  # again: another tick may have been here meanwhile
    if row is None or not due:
        return 0
    _forget_unreal(row, now)
    late = max(timedelta(minutes=trigger.catch_up_minutes), _NO_LATER_THAN)
    runs = not row.paused and now - due[-1] <= late
    missed = due[:-1] if runs else due
    _record_missed(row, missed, now)
    if missed and not row.paused:
        _alert_missed(row, missed, now)
    return int(runs and _start(active, due[-1], now))


def _locked(row: WorkflowContract) -> WorkflowContract | None:
    """The contract as it stands now, held until the end of the transaction; nothing when a newer version is active.

    Whoever pauses it waits for this, or is seen here: after a pause nothing starts.
    """
    return WorkflowContract.objects.select_for_update().filter(pk=row.pk, active=True).first()


def _due(row: WorkflowContract, trigger: CronTrigger, now: datetime) -> list[datetime]:
    """What came due since the last occurrence, each by the version of the contract that was active then."""
    last = CronOccurrence.objects.newest(row.workflow_type, now)
    since = row.active_since(now)
    if last is not None and last >= since:
        return occurrences(trigger, last, now)
    return _due_before(row, last, since) + occurrences(trigger, since, now)


def _due_before(row: WorkflowContract, last: datetime | None, until: datetime) -> list[datetime]:
    """What earlier versions left undone in (last, until]: the scheduler was away while a new version was loaded."""
    earlier = WorkflowContract.objects.filter(workflow_type=row.workflow_type, activated_at__lt=until)
    due: list[datetime] = []
    for version in earlier.order_by("-activated_at"):
        if last is not None and until <= last:
            break
        since = max(version.activated_at or version.loaded_at, last or _EVER)
        due = _occurrences_of(version, since, until) + due
        until = since
    return due


def _occurrences_of(version: WorkflowContract, after: datetime, until: datetime) -> list[datetime]:
    try:
        trigger = contract_for(version).trigger
    except (ContractErrors, ReleaseError):
        return []  # nobody can know what it asked for
    return occurrences(trigger, after, until) if isinstance(trigger, CronTrigger) else []


def _forget_unreal(row: WorkflowContract, now: datetime) -> None:
    """What a clock that was ahead recorded as missed makes room for what came due now; it all comes after the last that
    was dealt with, so that nothing of the years before is read."""
    unreal = CronOccurrence.objects.unreal(now).filter(workflow_type=row.workflow_type)
    last = CronOccurrence.objects.newest(row.workflow_type, now)
    (unreal if last is None else unreal.filter(scheduled_for__gt=last)).delete()


def _record_missed(row: WorkflowContract, missed: Sequence[datetime], now: datetime) -> None:
    rows = [
        CronOccurrence(workflow_type=row.workflow_type, scheduled_for=due, status="missed", created_at=now)
        for due in missed[-_MOST_MISSED:]
    ]
    CronOccurrence.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def _alert_missed(row: WorkflowContract, missed: Sequence[datetime], now: datetime) -> None:
    first = f"{missed[0]:%Y-%m-%d %H:%M} UTC"
    message = f"{row.workflow_type}: {len(missed)} occurrences were missed, the first at {first}"
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

"""Runs that remember something, made without going through a contract."""

from datetime import UTC, datetime, timedelta

from approvals.canonical import canonical
from workflows_app.models import ReflexionLog, WorkflowContract, WorkflowRun

FIRST = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def remember(narrative: str, tags: str = "made_up", *, run_id: str = "", **changes: str) -> ReflexionLog:
    """One more reflexion, a minute younger than the one before it."""
    number = ReflexionLog.objects.count()
    contract, _made = WorkflowContract.objects.get_or_create(
        workflow_type="made_up",
        contract_version=1,
        defaults={
            "title": "Made up", "category": "Made up", "risk_level": 3, "source": "", "sha256": "0" * 64,
            "loaded_at": FIRST, "activated_at": FIRST, "active": False,
        },
    )  # fmt: skip
    at = FIRST + timedelta(minutes=number)
    run = WorkflowRun.objects.create(
        id=run_id or f"run-{number:06}",
        contract=contract,
        workflow_type=changes.pop("workflow_type", "made_up"),
        status="completed",
        trigger_kind="manual",
        trigger_key=f"key {number}",
        trigger=canonical({"principal": "person:anna", "source": "", "causes": []}),
        queued_at=at,
        **changes,
    )
    return ReflexionLog.objects.create(run=run, narrative=narrative, tags=tags, created_at=at)

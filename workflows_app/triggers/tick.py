"""One scheduler pass: cron, events, expiry, reminders, and a doorbell for every run that could go on."""

from datetime import datetime, timedelta

from approvals import services
from workflows_app.models import Alert
from workflows_app.runner.claim import ready
from workflows_app.runner.enqueue import ring
from workflows_app.triggers import cron, events

_MISSED_A_DOORBELL = timedelta(seconds=30)


def tick(now: datetime) -> dict[str, int]:
    """Do one pass; what it found, by name. Any pass may be repeated or left out without harm."""
    return {
        "started_by_cron": cron.start_due(now),
        "started_by_events": events.dispatch(now),
        "expired": len(services.expire_due()),
        "reminded": _remind(now),
        "woken": _wake(now),
    }


def _remind(now: datetime) -> int:
    """One reminder per proposal whose response window is over."""
    overdue = services.remind_overdue()
    for proposal in overdue:
        message = f"{proposal.title} waits for a decision since {proposal.proposed_at:%Y-%m-%d %H:%M} UTC"
        Alert.objects.raise_alert(
            f"overdue:{proposal.pk}", kind="overdue", message=message, now=now, run_id=proposal.run_id
        )
    return len(overdue)


def _wake(now: datetime) -> int:
    """Ring for runs that are due and that no worker took: a lost doorbell, an expired lease, a retry that came due."""
    lost = [
        run_id
        for run_id, wake_at, queued_at in ready(now).values_list("pk", "wake_at", "queued_at")
        if (wake_at or queued_at) <= now - (_MISSED_A_DOORBELL if wake_at is None else timedelta())
    ]
    for run_id in lost:
        ring("advance", run_id)
    return len(lost)

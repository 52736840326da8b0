"""Do everything that is ready, in this process: what a cluster does on doorbells, without one."""

from datetime import datetime

from approvals.clock import database_now
from workflows_app.runner import leaf
from workflows_app.runner.advance import advance
from workflows_app.runner.claim import ready
from workflows_app.triggers import events


def work(now: datetime | None = None) -> int:
    """One pass over events, approved leaves and ready runs; how many things were done."""
    done = events.dispatch(now) + leaf.apply_approved(now or database_now())
    for run_id in list(ready(now or database_now()).order_by("queued_at").values_list("pk", flat=True)):
        done += advance(run_id, now=now)
    return done

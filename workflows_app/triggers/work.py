"""Do everything that is ready, in this process: what a cluster does on doorbells, without one."""

from datetime import datetime

from approvals.clock import database_now
from workflows_app.models import WorkflowContract
from workflows_app.runner import approve_too, leaf
from workflows_app.runner.advance import advance
from workflows_app.runner.claim import ready
from workflows_app.triggers import events
from workflows_app.triggers.active import load_active


def work(now: datetime | None = None) -> int:
    """One pass over events, approved leaves and ready runs; how many things were done.

    A run whose contract does not load stays ready; an alert names the contract, and the other runs go on.
    """
    done = events.dispatch(now) + approve_too.approve_left() + leaf.apply_approved(now or database_now())
    waiting = ready(now or database_now())
    loaded, _ = load_active(WorkflowContract.objects.filter(pk__in=waiting.values("contract")), now or database_now())
    able = waiting.filter(contract__in=[each.row.pk for each in loaded])
    for run_id in list(able.order_by("queued_at").values_list("pk", flat=True)):
        done += advance(run_id, now=now)
    return done

"""What nobody comes back for: doorbells that were lost, leases of workers that died, rows that the queue leaves behind.

Each part looks at what is open, never at what has ended, so that a pass costs the same after years.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import Min, Q, QuerySet

from approvals.models import Outcome, ProposalStatus, ProposedAction
from workflows_app.delivery import email
from workflows_app.models import WorkflowRun
from workflows_app.models.ahead import lease
from workflows_app.models.run import READY
from workflows_app.netsuite import push_queue
from workflows_app.runner import approve_too, enqueue
from workflows_app.runner.claim import LAST_TRY, has_last_try, ready, watch
from workflows_app.runner.enqueue import ring
from workflows_app.runner.hold import on_hold
from workflows_app.triggers import receipts

# A doorbell that is this late was lost.
_MISSED_A_DOORBELL = timedelta(seconds=30)
# Doorbells that may wait: more would only be repetitions, which make a long queue longer.
_MOST_DOORBELLS = 500
# Between two looks for leases that are over, so that they never become a loop.
_SHORTEST_REST = timedelta(seconds=1)

logger = logging.getLogger(__name__)


def wake(now: datetime) -> int:
    """Ring for what no worker took: a lost doorbell, an expired lease, a retry that came due. How many doorbells.

    Which of too many runs are rung for is left to chance, so that those that never get further are not always the
    first. Of those that two workers in a row did not survive it rings for one: they are tried one at a time
    (`runner/claim.py`).
    """
    due = ready(now).filter(Q(wake_at__isnull=False) | Q(queued_at__lte=now - _MISSED_A_DOORBELL))
    _watch(now)
    return _ring_for(due, now) + _wake_leaves()


def take_over(now: datetime) -> int:
    """Ring for the runs whose lease is over, and look again when the next one is; how many doorbells."""
    rung = _ring_for(ready(now).filter(lease_until__isnull=False), now)
    _watch(now, heard=True)
    return rung


def _watch(now: datetime, *, heard: bool = False) -> None:
    """See to it that somebody looks when the next lease is over."""
    leased = WorkflowRun.objects.filter(
        status__in=sorted(READY), lease_until__gt=now, lease_until__lte=now + 2 * lease()
    )
    end = leased.aggregate(end=Min("lease_until"))["end"]
    if end is not None:
        watch(max(end, now + _SHORTEST_REST), now, heard=heard)


def _ring_for(due: "QuerySet[WorkflowRun]", now: datetime) -> int:
    room = max(0, _MOST_DOORBELLS - enqueue.waiting())
    lost = list(_suspect(due, now)[:room])
    lost += due.exclude(LAST_TRY).order_by("?").values_list("pk", "lease_owner")[: room - len(lost)]
    for run_id, worker in lost:
        if worker:
            logger.warning("the worker %s died with the run %s, or lost it", worker, run_id)
        ring("advance", run_id)
    return len(lost)


def _suspect(due: "QuerySet[WorkflowRun]", now: datetime) -> "QuerySet[WorkflowRun, tuple[str, str]]":
    """The oldest run that has its last try, unless another has it just now."""
    if has_last_try(now):
        due = due.none()
    return due.filter(LAST_TRY).order_by("queued_at", "pk").values_list("pk", "lease_owner")[:1]


def _wake_leaves() -> int:
    """One doorbell for all leaves that were approved and not applied, or that were to be approved with their gate.

    While everything is on hold they wait.
    """
    waiting = ProposedAction.objects.filter(status=ProposalStatus.APPROVED, outcome=Outcome.APPROVED).exclude(step="")
    if on_hold() or not (waiting.exists() or approve_too.unfinished().exists()):
        return 0
    ring("apply_approved")
    return 1


def take_back(now: datetime) -> int:
    """End the leases of those who died while they sent a record or a letter; how many. `deliver` goes on with them."""
    pushes, letters = push_queue.reap(now), email.give_up_on_stale()
    if pushes:
        logger.warning("%d records were on their way when their worker died", pushes)
        ring("deliver")
    if letters:
        logger.warning("%d letters were on their way when their sender died", letters)
    return pushes + letters


def prune(now: datetime) -> int:
    """Remove what the queue and old signed messages leave behind, a batch in each pass; how many rows."""
    return enqueue.prune(now) + receipts.forget(now)

"""What nobody comes back for: doorbells that were lost, leases of workers that died, rows that the queue leaves behind.

Each part looks at what is open, never at what has ended, so that a pass costs the same after years.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import Q

from approvals.models import Outcome, ProposalStatus, ProposedAction
from workflows_app.delivery import email
from workflows_app.netsuite import push_queue
from workflows_app.runner import enqueue
from workflows_app.runner.claim import ready
from workflows_app.runner.enqueue import ring
from workflows_app.runner.hold import on_hold

# A doorbell that is this late was lost.
_MISSED_A_DOORBELL = timedelta(seconds=30)
# Doorbells that may wait: more would only be repetitions, which make a long queue longer.
_MOST_DOORBELLS = 500

logger = logging.getLogger(__name__)


def wake(now: datetime) -> int:
    """Ring for what no worker took: a lost doorbell, an expired lease, a retry that came due. How many doorbells.

    Which of too many runs are rung for is left to chance, so that those that never get further are not always the
    first.
    """
    room = max(0, _MOST_DOORBELLS - enqueue.waiting())
    due = ready(now).filter(Q(wake_at__isnull=False) | Q(queued_at__lte=now - _MISSED_A_DOORBELL))
    lost = list(due.order_by("?").values_list("pk", "lease_owner")[:room])
    for run_id, worker in lost:
        if worker:
            logger.warning("the worker %s died with the run %s, or lost it", worker, run_id)
        ring("advance", run_id)
    return len(lost) + _wake_leaves()


def _wake_leaves() -> int:
    """One doorbell for all leaves that were approved and not applied; while everything is on hold they wait."""
    waiting = ProposedAction.objects.filter(status=ProposalStatus.APPROVED, outcome=Outcome.APPROVED).exclude(step="")
    if on_hold() or not waiting.exists():
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
    """Remove what the queue leaves behind, a batch in each pass; how many rows."""
    return enqueue.prune(now)

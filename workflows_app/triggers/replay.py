"""Events from before a contract was there, given to it once more when somebody asks for that (`--replay-since`).

No other contract sees them again, and a run that is there is not started twice: repeating does no harm.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from approvals.models import ProposedAction
from workflows_app.contracts.schema import Contract, EventTrigger, HitlTrigger
from workflows_app.effects.guard import guarded
from workflows_app.models import Event, WorkflowContract
from workflows_app.triggers.active import Active, load_active
from workflows_app.triggers.approvals import APPROVED, NotApprovedError, approved_proposal
from workflows_app.triggers.events import first_active, matches, start_for

_BATCH: Final = 200


def replay(workflow_types: Iterable[str], since: datetime, now: datetime) -> int:
    """Let these contracts see the events recorded from `since` until they became active; how many runs that started.

    Each event is a transaction of its own. Raises `EffectError` where one breaks off; ask again for the rest.
    """
    rows = WorkflowContract.objects.filter(workflow_type__in=list(workflow_types), active=True, paused=False)
    contracts, _ = load_active(rows.order_by("pk"), now)
    return sum(_replay_one(active, since, now) for active in contracts)


def _replay_one(active: Active, since: datetime, now: datetime) -> int:
    began = first_active(active.row.workflow_type, now) or now
    missed = Event.objects.filter(event_type__in=_listens_to(active.contract), recorded_at__gte=since)
    return sum(_start(active, event, since, now) for event in _oldest_first(missed.filter(recorded_at__lt=began)))


def _listens_to(contract: Contract) -> tuple[str, ...]:
    if isinstance(contract.trigger, EventTrigger):
        return contract.trigger.sources
    return (APPROVED,) if isinstance(contract.trigger, HitlTrigger) else ()


def _oldest_first(events: "QuerySet[Event]") -> Iterator[Event]:
    """A batch at a time: a ledger has millions of rows one day."""
    seen = Q()
    while batch := list(events.filter(seen).order_by("recorded_at", "pk")[:_BATCH]):
        yield from batch
        last = batch[-1]
        seen = Q(recorded_at__gt=last.recorded_at) | Q(recorded_at=last.recorded_at, pk__gt=last.pk)


def _start(active: Active, event: Event, since: datetime, now: datetime) -> bool:
    with guarded():
        try:
            proposal: ProposedAction | None = approved_proposal(event) if event.event_type == APPROVED else None
        except NotApprovedError:
            return False  # when it was dispatched, an alert said so
        return matches(active.contract, event, proposal) and bool(start_for(active, event, proposal, now, since=since))

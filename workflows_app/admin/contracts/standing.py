"""How a workflow stands: when it comes due, and how its last runs went."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.formats import localize

from workflows_app.contracts.occurrences import first_occurrence
from workflows_app.contracts.schema import Contract, CronTrigger
from workflows_app.models import WorkflowRun
from workflows_app.models.run import TERMINAL

_AHEAD: Final = timedelta(days=5 * 366)
_NEXT: Final = 5
_COUNTED: Final = 100
_SHOWN: Final = 8


@dataclass(frozen=True, kw_only=True)
class Due:
    """One moment to come: for the office (as pages show every moment), and in the contract's own zone, in words."""

    at: datetime
    there: str


@dataclass(frozen=True, kw_only=True)
class LastRuns:
    """The newest runs, and how those among the last hundred that ended did so: (status, how many)."""

    newest: tuple[WorkflowRun, ...]
    outcomes: tuple[tuple[str, int], ...]

    @property
    def ended(self) -> int:
        """How many of the last hundred ended."""
        return sum(count for _status, count in self.outcomes)

    @property
    def succeeded(self) -> int:
        """How many of them completed."""
        return dict(self.outcomes).get("completed", 0)


def coming(contract: Contract, now: datetime, count: int = _NEXT) -> tuple[Due, ...]:
    """The next moments of a schedule; none for a workflow without one."""
    trigger = contract.trigger
    if not isinstance(trigger, CronTrigger):
        return ()
    found: list[Due] = []
    after = now
    while len(found) < count and (due := first_occurrence(trigger, after, now + _AHEAD)) is not None:
        found.append(Due(at=due, there=str(localize(due.astimezone(ZoneInfo(trigger.tz))))))
        after = due
    return tuple(found)


def last_runs(workflow_type: str) -> LastRuns:
    """Read the last hundred runs, by index, without what they planned."""
    rows = WorkflowRun.objects.filter(workflow_type=workflow_type).order_by("-queued_at")
    runs = list(rows.only("id", "status", "trigger_kind", "queued_at", "completed_at")[:_COUNTED])
    outcomes = Counter(run.status for run in runs if run.status in TERMINAL)
    return LastRuns(newest=tuple(runs[:_SHOWN]), outcomes=tuple(outcomes.most_common()))

"""Plays one scenario and counts what came of it. What breaks off is an outcome too: the demo tells it and goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from approvals.clock import database_now
from workflows_app.management.demo.outcome import Outcome, Scenario
from workflows_app.management.demo.world import World
from workflows_app.models import VerifyResult, WorkflowRun
from workflows_app.runner.release import contract_for

# Late enough for every window to be over, early enough for no check to have been given up.
_LATER = timedelta(minutes=20)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Played:
    """The runs that a scenario took, the workflow's own last, and what must be there now."""

    runs: Sequence[WorkflowRun]
    outcomes: Sequence[Outcome]


def play(scenario: Scenario, world: World) -> Played:
    """Play, verify and count. Raises nothing: a scenario that breaks off leaves an outcome that does not hold."""
    runs, broken = _attempt("played to its end", lambda: list(scenario.play(world)))
    _, unverified = _attempt("verified", lambda: world.verify(database_now() + _LATER))
    last = WorkflowRun.objects.filter(workflow_type=scenario.workflow_type).order_by("queued_at").last()
    if last is None:
        never = Outcome(step="trigger", what="runs started", expected=1, found=0)
        return Played(runs=[], outcomes=[*broken, *unverified, never])
    counted, uncounted = _attempt("counted", lambda: scenario.outcomes(world, last))
    outcomes = [*broken, *unverified, *uncounted, *(counted or []), *_checks(last)]
    return Played(runs=runs or [last], outcomes=outcomes)


def _attempt(what: str, action: Callable[[], T]) -> tuple[T | None, list[Outcome]]:
    """What `action` returns, or an outcome that says why it did not."""
    try:
        return action(), []
    except Exception as error:  # noqa: BLE001 whatever it is, the table names it and the other scenarios go on
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return None, [Outcome(step="scenario", what=f"{what} ({reason})", expected=1, found=0)]


def _checks(run: WorkflowRun) -> list[Outcome]:
    """Each verify check of the contract as an outcome."""
    status = dict(VerifyResult.objects.filter(run=run).values_list("name", "status"))
    return [
        Outcome(step=check.name, what="verify check passed", expected=1, found=int(status.get(check.name) == "pass"))
        for check in contract_for(run.contract).verify
    ]

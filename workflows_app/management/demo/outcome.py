"""What a step should have brought about, counted in the tables and at the far ends, not in the runner's report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from workflows_app.delivery.artifacts import ArtifactError
from workflows_app.management.demo.world import World
from workflows_app.models import WorkflowRun


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One countable fact. It holds when `found` equals `expected`, and more than nothing was expected."""

    step: str
    what: str
    expected: int
    found: int

    @property
    def holds(self) -> bool:
        """Whether the step did what its contract says."""
        return self.expected == self.found > 0

    def __str__(self) -> str:
        return f"{self.step}: {self.what}: {self.found} of {self.expected}"


class Scenario(Protocol):
    """One workflow played from trigger to verify."""

    workflow_type: str

    def play(self, world: World) -> Sequence[WorkflowRun]:
        """Start it as in real life, decide, work, deliver, verify; the runs that it took, the workflow's own last."""

    def outcomes(self, world: World, run: WorkflowRun) -> list[Outcome]:
        """What must be there now, for every step of the contract."""


def fact(step: str, what: str, expected: int, count: Callable[[], int]) -> Outcome:
    """An outcome; a count that cannot be made counts nothing."""
    try:
        found = count()
    except (ArtifactError, LookupError, AttributeError, TypeError, OSError):
        found = 0
    return Outcome(step=step, what=what, expected=expected, found=found)

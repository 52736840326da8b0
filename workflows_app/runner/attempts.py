"""How a step's attempts stand, in words: "attempt 2 of 3, next in 4 s"."""

from collections.abc import Callable, Mapping
from datetime import datetime
from math import ceil

from workflows_app.contracts.problems import ContractErrors
from workflows_app.models import WorkflowContract, WorkflowStep
from workflows_app.runner.release import ReleaseError, contract_for


def most_attempts(contract: WorkflowContract) -> int | None:
    """How often a step of this contract is tried at most; None when the contract does not load any more."""
    try:
        return contract_for(contract).retry.max_attempts
    except (ContractErrors, ReleaseError):
        return None


def in_words(step: WorkflowStep, most: int | None, now: datetime) -> str:
    """How far the step is. `most`: of `most_attempts`. The error stands beside it, not in it."""
    tell = _TELL.get(step.status)
    return tell(step, most, now) if tell is not None else step.get_status_display()


def _waiting(step: WorkflowStep, most: int | None, now: datetime) -> str:
    return f"{_attempt(step, most)}, next {_until(step.next_attempt_at, now)}"


def _under_way(step: WorkflowStep, most: int | None, now: datetime) -> str:
    return f"{_attempt(step, most)}, under way"


def _failed(step: WorkflowStep, most: int | None, now: datetime) -> str:
    return f"failed after {step.attempts} attempt{'' if step.attempts == 1 else 's'}"


def _done(step: WorkflowStep, most: int | None, now: datetime) -> str:
    return f"done at {_attempt(step, most)}" if step.attempts > 1 else "done"


def _attempt(step: WorkflowStep, most: int | None) -> str:
    """A call that outlived its worker is made more often than the policy says."""
    return f"attempt {step.attempts}" + (f" of {most}" if most is not None and most >= step.attempts else "")


def _until(moment: datetime | None, now: datetime) -> str:
    seconds = 0 if moment is None else ceil((moment - now).total_seconds())
    if seconds <= 0:
        return "now"
    return f"in {seconds} s" if seconds < 120 else f"in {ceil(seconds / 60)} min"


_TELL: Mapping[str, Callable[[WorkflowStep, int | None, datetime], str]] = {
    "retrying": _waiting,
    "running": _under_way,
    "failed": _failed,
    "done": _done,
}

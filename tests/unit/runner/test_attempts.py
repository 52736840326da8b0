"""How attempts read: which one, of how many, and when the next one comes."""

from datetime import UTC, datetime, timedelta

import pytest

from workflows_app.models import WorkflowStep
from workflows_app.runner.attempts import in_words

NOW = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)


def waiting(attempts: int, seconds: float) -> WorkflowStep:
    return WorkflowStep(status="retrying", attempts=attempts, next_attempt_at=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("seconds", "when"),
    [
        (3.2, "in 4 s"),
        (0.1, "in 1 s"),
        (0, "now"),
        (-60, "now"),
        (119, "in 119 s"),
        (120, "in 2 min"),
        (130, "in 3 min"),
    ],
)
def test_a_step_that_waits_says_which_attempt_and_when_the_next(seconds: float, when: str) -> None:
    assert in_words(waiting(2, seconds), 3, NOW) == f"attempt 2 of 3, next {when}"


def test_the_end_says_how_often_it_was_tried() -> None:
    assert in_words(WorkflowStep(status="failed", attempts=3), 3, NOW) == "failed after 3 attempts"
    assert in_words(WorkflowStep(status="failed", attempts=1), 3, NOW) == "failed after 1 attempt"


def test_a_call_that_is_being_made_says_so() -> None:
    assert in_words(WorkflowStep(status="running", attempts=1), 3, NOW) == "attempt 1 of 3, under way"


def test_what_was_done_says_when_it_took_more_than_one() -> None:
    assert in_words(WorkflowStep(status="done", attempts=1), 3, NOW) == "done"
    assert in_words(WorkflowStep(status="done", attempts=2), 3, NOW) == "done at attempt 2 of 3"


@pytest.mark.parametrize(("attempts", "most"), [(5, 3), (5, None)])
def test_a_number_that_makes_no_sense_is_left_out(attempts: int, most: int | None) -> None:
    assert in_words(waiting(attempts, 4), most, NOW) == f"attempt {attempts}, next in 4 s"


@pytest.mark.parametrize("status", ["pending", "skipped", "dropped", "not_reached"])
def test_what_was_never_tried_says_only_how_it_stands(status: str) -> None:
    step = WorkflowStep(status=status)

    assert in_words(step, 3, NOW) == step.get_status_display()

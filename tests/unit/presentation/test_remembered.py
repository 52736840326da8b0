"""What is remembered, in words, with the found words still marked."""

import pytest

from workflows_app.presentation.remembered import in_words
from workflows_app.reading.memory.text import marked, plain

NARRATIVE = """New customer Ash: ended as partial: write_ns: HTTP 500.
Check no_duplicate did not pass: Ash Schools.
person:mike decided: approve. Fine: do it.
write_d1: done.
draft_per_tier 17: skipped (nothing to say).
write_ns: not_reached."""
TOLD = """New customer Ash: ended as partial: write_ns: HTTP 500.
Check “no duplicate” did not pass: Ash Schools.
mike approved. Fine: do it.
Write our records: done.
Draft per tier 17: skipped (nothing to say).
Write NetSuite: not reached."""


def test_steps_checks_people_and_verdicts_have_words() -> None:
    assert in_words(NARRATIVE) == TOLD


@pytest.mark.parametrize(
    "word", ["mike", "approve", "write", "duplicate", "not", "reached", "decided", "person", "done"]
)
def test_found_words_stay_marked_and_nothing_else_changes(word: str) -> None:
    told = in_words(marked(NARRATIVE, {word}))

    assert plain(told) == TOLD
    assert told != TOLD or word in ("decided", "person")


@pytest.mark.parametrize("text", ["", "Write to john_doe@x.example: done.", "a: b: c.", "No step here", "x_y"])
def test_what_is_no_line_of_ours_stays_as_it_is(text: str) -> None:
    assert in_words(text) == text

"""Errors in plain words, and the recorded text beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows_app.admin.run.troubles import NO_TROUBLE, read_error


@pytest.mark.parametrize(
    ("recorded", "plain"),
    [
        ("/api/quote/pdf answered 503: busy", "/api/quote/pdf was busy or broken and did not answer properly."),
        ("/api/quote/pdf answered 429: slow down", "/api/quote/pdf was busy or broken and did not answer properly."),
        ('/api/quote/pdf answered 422: {"detail": 1}', "/api/quote/pdf refused what it was asked."),
        ("/api/x: ConnectError: [Errno 111] Connection refused", "The endpoint could not be reached."),
        ("/api/x: ReadTimeout: timed out", "The endpoint took too long to answer."),
        ("quotes 7 was changed meanwhile: total is 3 and was 2", "Somebody changed the row after this was planned"),
        ("customers 7 is gone", "The row that was to be changed is not there any more."),
        ("quotes: the database refused the row, it may be there already (x)", "most likely it is there already"),
        ("the database: database is locked", "The database was busy."),
        ("OperationalError: deadlock detected", "The database was busy or away."),
        ("3 workers in a row died while they worked on it", "The workers died while they worked on it"),
        ("KeyError: 'price'", "A defect in the program stopped it"),
        ("could not be planned: 'x' is no number", "could not be turned into a plan"),
    ],
)
def test_a_known_error_is_said_in_plain_words_with_its_text_beside_it(recorded: str, plain: str) -> None:
    trouble = read_error(recorded)

    assert plain in trouble.plain
    assert trouble.advice
    assert trouble.technical == recorded


@pytest.mark.parametrize("recorded", ["a step that it needs failed", "nobody decided in time"])
def test_a_text_that_is_plain_itself_is_not_repeated(recorded: str) -> None:
    assert read_error(recorded).technical == ""


def test_what_nobody_foresaw_stands_as_it_is_with_people_named() -> None:
    assert read_error("stopped by person:mike.smith, who had a reason").plain == (
        "Stopped by mike.smith, who had a reason"
    )


def test_no_error_is_no_trouble() -> None:
    assert read_error("") is NO_TROUBLE


@given(st.text(min_size=1))
def test_every_text_is_said_somehow_and_never_lost(recorded: str) -> None:
    trouble = read_error(recorded)

    said = " ".join(trouble.plain.split()).lower()
    assert trouble.technical == recorded or " ".join(recorded.split()).rstrip(".").lower() in said or "…" in said

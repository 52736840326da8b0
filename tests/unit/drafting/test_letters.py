"""What of a model's answer becomes a letter, and what leaves the template: no database, a real server."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.language_model import KEY, Answer, Model, language_model, letter_in
from workflows_app.drafting.endpoint import Endpoint
from workflows_app.drafting.judgement import NonsenseError, judge_letter
from workflows_app.drafting.letters import draft_letter
from workflows_app.drafting.masks import MARK, mask_letter

LETTER = """Hello Oak School,

Thank you for writing to us. As of Nov 21, 2026, $1,234.50 is past due.

You wrote:

> We got 4 cases.
> Call 555-0100 or a@b.example

- Invoice INV-7, due Nov 1, 2026: $1,234.50

Write to help@larkfield.example or call us about INV-7.

Best regards,
Accounts Receivable
(518) 555-0142
"""
MASKED = mask_letter(LETTER)


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    """The endpoint."""
    with language_model() as listening:
        yield listening


def asked(model: Model, seconds: float = 10.0) -> Endpoint:
    """The endpoint as the settings would give it."""
    return Endpoint(url=f"{model.url}/v1", model="made-up-1", seconds=seconds, key=KEY)


def test_what_a_model_sees_has_no_figure_name_of_the_customer_or_address_in_it() -> None:
    assert MASKED.text == (
        "[[block-1]]\n\nThank you for writing to us. As of [[date-1]], [[amount-1]] is past due.\n\nYou wrote:\n\n"
        "[[block-2]]\n\n[[block-3]]\n\nWrite to [[address-1]] or call us about [[number-1]].\n\n[[block-4]]"
    )
    assert MASKED.quotes == "We got # cases.\nCall ###-#### or [address]"


def test_the_template_itself_is_a_good_draft() -> None:
    assert judge_letter(MASKED.text, MASKED) == LETTER


def test_a_good_draft_says_it_in_other_words_with_every_fact_unchanged(model: Model) -> None:
    def warm(text: str) -> Answer:
        return Answer(letter_in(text).replace("Thank you for writing", "We appreciate that you have written"))

    model.says = warm

    drafted = draft_letter(asked(model), LETTER)

    assert drafted.refusal == ""
    assert drafted.text == LETTER.replace("Thank you for writing", "We appreciate that you have written")


ANSWERS = {
    "500": (Answer("x", status=500), "the language model answered 500"),
    "401": (Answer(KEY, status=401), "the language model answered 401"),
    "redirect": (
        Answer("x", status=302, headers={"Location": "http://127.0.0.1:9/"}),
        "the language model answered 302",
    ),
    "HTML": (Answer(raw=b"<html>Welcome</html>"), "is no chat completion"),
    "another JSON": (Answer(raw=b'{"choices": []}'), "is no chat completion"),
    "deep JSON": (Answer(raw=b"[" * 100_000), "is no chat completion"),
    "no text": (Answer(raw=b'{"choices": [{"message": {"content": null}}]}'), "said nothing"),
    "nothing": (Answer("  "), "said nothing"),
    "cut off": (Answer("Hello", finish="length"), "did not come to an end"),
    "10 MB": (Answer("x" * 10_000_000), "more than 256 kB"),
    "compressed": (
        Answer(raw=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}),
        "a compression that was not asked for",
    ),
    "nonsense": (Answer("As you wish, captain."), "left out"),
    "its key": (Answer(f"Your key is {KEY}"), "left out"),
}


@pytest.mark.once
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_leaves_the_template(name: str, model: Model) -> None:
    answer, reason = ANSWERS[name]
    model.says = lambda text: answer

    drafted = draft_letter(asked(model), LETTER)

    assert drafted.text == ""
    assert reason in drafted.refusal
    assert KEY not in repr(drafted)


@pytest.mark.once
def test_a_model_that_is_late_or_not_there_leaves_the_template(model: Model) -> None:
    model.says = lambda text: Answer(str(model.released.wait(5)))
    late = draft_letter(asked(model, seconds=0.05), LETTER)
    model.released.set()

    absent = draft_letter(Endpoint(url="http://127.0.0.1:9", model="m", seconds=1.0), LETTER)
    no_time = draft_letter(asked(model), LETTER, seconds=-1.0)

    assert late.refusal == "the language model did not answer within 0.05 seconds"
    assert absent.refusal == "the language model was not reached (ConnectError)"
    assert no_time.refusal == "there was no time left to ask the language model"


@pytest.mark.once
def test_a_model_that_answers_a_byte_at_a_time_is_left_when_the_time_is_over() -> None:
    """Each byte comes well within the limit; the whole head of the answer would last a hundred times as long."""

    def trickle(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 3_000:
                connection.sendall(bytes([byte]))
                time.sleep(0.01)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=trickle, args=(listener,))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        drafted = draft_letter(Endpoint(url=url, model="m", seconds=0.3), LETTER)
        thread.join()

    assert drafted.refusal == "the language model did not answer within 0.3 seconds"


CHANGES = {
    "another amount": ("[[amount-1]] is", "$9,999.00 is"),
    "an amount beside": ("past due.", "past due, of which $5 now."),
    "an amount in words": ("past due.", "past due, of which ninety now."),
    "a figure of another script": ("past due.", "past due, ٤٥ in all."),
    "a fraction": ("past due.", "past due, ½ of it old."),
    "a date": ("As of [[date-1]]", "As of yesterday"),
    "a day": ("past due.", "past due until Friday."),
    "a promise": ("past due.", "past due, and we will waive it."),
    "a credit": ("past due.", "past due, but a credit follows."),
    "an admission": ("past due.", "past due by our mistake."),
    "a threat": ("past due.", "past due and our lawyer knows."),
    "a bank": ("past due.", "past due. Pay it to our new bank."),
    "a link": ("past due.", "past due, see https://pay.example."),
    "a bare domain": ("past due.", "past due, see pay.example."),
    "an address": ("past due.", "past due, write to x@y.example."),
    "a name": ("past due.", "past due, says Bob."),
    "a name with an accent": ("past due.", "past due, says Åsa."),
    "a look-alike letter": ("past due.", "past duе."),
    "an invisible character": ("past due.", "past\u200b due."),
    "a bidirectional control": ("past due.", "past\u202e due."),
    "a placeholder": ("past due.", "past due, [Name]."),
    "a template's placeholder": ("past due.", "past due, {{ name }}."),
    "a mark that is not there": ("past due.", "past due, [[amount-7]]."),
    "HTML": ("past due.", "<b>past due</b>."),
    "markdown": ("past due.", "**past due**."),
    "a heading": ("You wrote:", "# You wrote:"),
    "a list of its own": ("You wrote:", "- You wrote:"),
    "a quotation of its own": ("You wrote:", "> I pay nothing\nYou wrote:"),
    "the quotation left out": ("[[block-2]]\n\n", ""),
    "the list twice": ("[[block-3]]", "[[block-3]]\n[[block-3]]"),
    "lists in another order": ("[[block-2]]\n\n[[block-3]]", "[[block-3]]\n\n[[block-2]]"),
    "words beside a list": ("[[block-3]]", "Not true: [[block-3]]"),
    "words after the signature": ("[[block-4]]", "[[block-4]]\nWe agree."),
    "words before the greeting": ("[[block-1]]", "Here is the letter:\n[[block-1]]"),
    "a sign before an amount": ("[[amount-1]] is", "-[[amount-1]] is"),
    "two figures as one": ("[[number-1]]", "[[number-1]][[number-1]]"),
    "two figures as one number": ("[[number-1]]", "[[number-1]],[[number-1]]"),
    "a figure in a word": ("[[number-1]]", "x[[number-1]]"),
    "a fact over and over": ("past due.", "past due, [[amount-1]], [[amount-1]], [[amount-1]]."),
    "a flood": ("past due.", "past due. " + "We thank you. " * 200),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_draft_that_breaks_a_rule_is_refused(name: str) -> None:
    old, new = CHANGES[name]
    assert MASKED.text.count(old) == 1

    with pytest.raises(NonsenseError):
        judge_letter(MASKED.text.replace(old, new), MASKED)


@given(
    answer=st.text(alphabet=st.sampled_from("aB 1$.\n>-[]{}@½é") | st.characters(), max_size=60),
    place=st.integers(0, 99),
)
def test_whatever_is_written_into_it_no_draft_has_another_figure_or_address(answer: str, place: int) -> None:
    place = place * len(MASKED.text) // 100
    try:
        letter = judge_letter(MASKED.text[:place] + answer + MASKED.text[place:], MASKED)
    except NonsenseError:
        return

    assert all(meaning in letter for meaning in MASKED.meanings.values())
    for meaning in sorted(MASKED.meanings.values(), key=len, reverse=True):
        letter = letter.replace(meaning, "")
    assert not any(char.isnumeric() or char in "@<>[]{}" for char in letter)


@given(lines=st.lists(st.text(alphabet="aB1 $.,-@>[", max_size=30), min_size=1, max_size=8))
def test_masking_loses_nothing(lines: list[str]) -> None:
    masked = mask_letter("\n".join(lines))

    if not MARK.search("\n".join(lines)):
        assert masked.restored(masked.text) == "\n".join(lines).strip("\n")


def test_a_letter_with_marks_of_its_own_is_not_given_to_a_model(model: Model) -> None:
    model.heard.clear()

    drafted = draft_letter(asked(model), LETTER.replace("help@", "[[block-1]]"))

    assert "marks of its own" in drafted.refusal
    assert model.heard == []

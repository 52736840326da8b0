"""Message-IDs from outside: used when a header can carry them, else left out."""

import pytest

from workflows_app.delivery.letter_filters import LetterError
from workflows_app.delivery.message_ids import thread, usable, validate_message_id

GOOD = ["<a@b>", "<CAF-x_1.2+3=4@mail.example.com>", "<abc>", f"<{'a' * 253}>", "<1@[10.0.0.1]>"]
BAD = [
    "", "a@b", "<a@b", "<>", "<a b@c>", "<a@b><c@d>", "<a@b>\r\nBcc: eve@x", "<a@b>\n", "<é@b>", f"<{'a' * 254}>",
    "<a;b@c>", "<a,b@c>", '<"a"@b>', "<a\x00@b>", "<a\u2028@b>", "<a(b)@c>", "<a\\b@c>",
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_an_id_that_a_header_can_carry_is_used(text: str) -> None:
    assert usable(f" {text} ") == validate_message_id(text) == text


@pytest.mark.parametrize("text", BAD)
def test_any_other_is_nothing_and_refused_once_it_was_approved(text: str) -> None:
    assert usable(text) in {"", text.strip()}
    with pytest.raises(LetterError):
        validate_message_id(text)


def test_a_thread_ends_with_what_is_answered() -> None:
    assert thread("<1@x> nonsense <2@x> <1@x>", "<3@x>") == ["<1@x>", "<2@x>", "<3@x>"]
    assert thread(["<1@x>", None, "<3@x>"], "<3@x>") == ["<1@x>", "<3@x>"]
    assert thread("", "<3@x>") == ["<3@x>"]


def test_of_a_long_thread_the_first_message_and_the_newest_stay() -> None:
    ids = [f"<{number}@x>" for number in range(500)]

    kept = thread(" ".join(ids), "<end@x>")

    assert (kept[0], kept[-2:], len(kept)) == ("<0@x>", ["<499@x>", "<end@x>"], 20)

"""Found words are marked, nothing else is lost, and a passage is cut around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows_app.reading.memory.text import CLOSE, OPEN, Piece, excerpt, headline, marked, plain

MARKS = st.sampled_from([OPEN, CLOSE, "a", "b ", "\n"])


def written(pieces: tuple[Piece, ...]) -> str:
    """As a person reads it, found words in brackets."""
    return "".join(f"[{piece.text}]" if piece.found else piece.text for piece in pieces)


def test_a_found_word_is_marked_in_every_spelling_and_only_as_a_whole_word() -> None:
    text = marked("Maple maples MAPLE", {"maple"})

    assert written(headline(text)) == "[Maple] maples [MAPLE]"


def test_the_first_line_is_the_title_and_the_rest_the_excerpt() -> None:
    text = marked("Quote for Maple\nwrite_ns: done.\nApproved.", {"maple", "done"})

    assert written(headline(text)) == "Quote for [Maple]"
    assert written(excerpt(text)) == "write_ns: [done].\nApproved."


@pytest.mark.parametrize("words", [set(), {"ended"}, {"ended", "as"}])
def test_how_it_ended_belongs_to_the_excerpt(words: set[str]) -> None:
    text = marked("Onboard Maple: ended as rejected: no.\nMike decided.", words)

    assert plain(written(headline(text))) == "Onboard Maple"
    assert written(excerpt(text)).replace("[", "").replace("]", "") == "ended as rejected: no.\nMike decided."


def test_a_long_text_is_cut_around_the_first_found_word() -> None:
    text = marked("title\n" + "before " * 100 + "found " + "after " * 100, {"found"})

    said = written(excerpt(text))

    assert said.startswith("… before before")
    assert said.endswith("after …")
    assert "[found] after" in said
    assert len(said) < 340


def test_without_a_found_word_the_excerpt_is_the_beginning() -> None:
    assert written(excerpt("title\n" + "word " * 200)).startswith("word word")


@given(st.lists(MARKS).map("".join))
def test_marks_in_any_order_lose_no_letter(text: str) -> None:
    assert "".join(piece.text for piece in headline(text)) == plain(text.partition("\n")[0])


@given(st.text(), st.sets(st.text(min_size=1)))
def test_marking_changes_no_text(text: str, words: set[str]) -> None:
    assert plain(marked(text, words)) == plain(text)

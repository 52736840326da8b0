"""What a person types becomes terms and tags; any text does."""

from hypothesis import given
from hypothesis import strategies as st

from workflows_app.reading.memory.question import MOST_TERMS, Term, tags_of, terms_of


def test_words_stand_apart_and_must_all_occur() -> None:
    assert terms_of(" lunch  program\nMaple ") == (Term(text="lunch"), Term(text="program"), Term(text="Maple"))


def test_words_in_quotes_stand_in_a_row() -> None:
    assert terms_of('"school lunch" maple') == (Term(text="school lunch"), Term(text="maple"))


def test_a_quote_that_is_not_closed_reaches_to_the_end() -> None:
    assert terms_of('maple "school lunch') == (Term(text="maple"), Term(text="school lunch"))


def test_a_star_makes_a_word_a_beginning() -> None:
    assert terms_of("deliv*") == (Term(text="deliv", prefix=True),)


def test_operators_are_words_and_signs_are_nothing() -> None:
    assert terms_of("NOT a:b AND - ( ^ * \" ' | &") == (Term(text="NOT"), Term(text="a:b"), Term(text="AND"))


def test_tags_stand_between_commas_and_keep_their_spelling() -> None:
    assert tags_of(" quote, customer:42 ,,school_year:2026-27,quote") == ("quote", "customer:42", "school_year:2026-27")


@given(st.text())
def test_any_text_is_a_question(typed: str) -> None:
    terms, tags = terms_of(typed), tags_of(typed)

    assert max(len(terms), len(tags)) <= MOST_TERMS
    for text in [*(term.text for term in terms), *tags]:
        assert "\0" not in text
        assert text.encode()  # no half of a character

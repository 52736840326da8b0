import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.contracts.expressions.facts import facts
from workflows_app.contracts.expressions import ExpressionError, evaluate, parse


def refused(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("", "an expression is missing", 0),
        ("   ", "an expression is missing", 0),
        ('name = "Leeds"', "write text in single quotes: 'text'", 7),
        ("name = 'Leeds", "this text is not closed; a quote inside text is written ''", 7),
        ("a = ", "the expression stops too early", 3),
        ("(a = 1", "the expression stops too early", 6),
        ("a b", "unexpected 'b'", 2),
        ("a = 1)", "unexpected ')'", 5),
        ("a == 1", "unexpected '='", 3),
        ("a || b", "|| is not part of the language; join text with ${{ }} in a string", 2),
        ("id = ?", "? stands for a parameter in SQL only; name the value here", 5),
        ("${{ a }}", "an expression stands bare here, without ${{ }}", 0),
        ("12abc", "this is not a number; write 12 or 12.50", 0),
        ("1.5.2", "this is not a number; write 12 or 12.50", 0),
        ("1 --2", "-- is not allowed; put a blank between two minus signs", 2),
        ("a = 1 AND and = 2", "and is a word of the language and cannot be a name", 10),
        ("text.lower('a')", "text.lower is not the name of a function", 0),
        ("MAX(a.b.c WHERE d = 1)", "a.b.c should be table.column", 4),
        ("LOWER(a.b WHERE d = 1)", "LOWER cannot have a WHERE; MIN, MAX, SUM and COUNT can", 0),
        ("MAX(a.b WHERE c.d = 1)", "c.d is not a column of a", 14),
        ("all codes match item_code", "item_code should be table.column", 16),
        ("1 < 2 LIKE 'x' < 3", "unexpected '<'", 15),
        ("näme = 1", "unexpected 'ä'", 1),
        ("a\x00b", "unexpected '\\x00'", 1),
        ("__import__('os').system", "unexpected '.'", 16),
    ],
)
def test_a_text_that_is_no_expression_is_explained(text: str, message: str, offset: int) -> None:
    error = refused(text)

    assert (error.message, error.offset) == (message, offset)


def test_keywords_are_recognised_in_any_case() -> None:
    assert evaluate("Not TRUE Or (null iS nULL aNd 'a' LiKe 'A')", facts()) is True


def test_names_are_case_sensitive() -> None:
    assert evaluate("Total - total", facts(Total=3, total=1)) == 2


@pytest.mark.parametrize("name", ["match", "where", "all_items", "nullable", "count", "order_id", "line.all", "a.null"])
def test_a_name_may_look_like_a_word_of_the_language(name: str) -> None:
    names = {name.split(".")[0]: {"all": 7, "null": 7} if "." in name else 7}

    assert evaluate(f"{name} = 7", facts(**names)) is True


def test_a_quote_in_text_is_doubled() -> None:
    assert evaluate("'it''s'", facts()) == "it's"


def test_an_expression_may_run_over_lines() -> None:
    assert evaluate("1\n  +\t2", facts()) == 3


def test_an_expression_of_more_than_4000_characters_is_refused() -> None:
    assert parse("1" + " " * 3999)
    assert refused("1" + " " * 4000).message == "an expression is at most 4000 characters long"


@pytest.mark.parametrize(
    "deep", ["NOT " * 101 + "TRUE", "1" + "+1" * 101, "1" + " = 1" * 101, "lower(" * 101 + "'a'" + ")" * 101]
)
def test_an_expression_of_more_than_100_levels_is_refused(deep: str) -> None:
    assert refused(deep).message == "an expression is at most 100 levels deep"


def test_a_hundred_levels_are_evaluated() -> None:
    assert evaluate("NOT " * 99 + "TRUE", facts()) is False


def test_a_long_list_of_conditions_is_not_deep() -> None:
    assert evaluate(" AND ".join(["1 = 1"] * 400), facts()) is True


def test_a_thousand_parentheses_do_no_harm() -> None:
    assert evaluate("(" * 1000 + "1" + ")" * 1000, facts()) == 1


WORDS = st.sampled_from(
    re.findall(
        r"\S+",
        "a b.c all match AND OR NOT IS NULL LIKE IN BETWEEN TRUE ( ) , = != <> < <= + - * / 1 2.5 'x' "
        "count( MAX( WHERE ' \" . -- ${{ \\ é",
    )
)


@settings(max_examples=400)
@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=25).map(" ".join)))
@example("'" * 3999)
@example("(" * 4000)
@example("\ud800")
@example("1" * 4000)
def test_parsing_raises_nothing_but_its_own_error(text: str) -> None:
    try:
        parse(text)
    except ExpressionError as error:
        offset = error.offset
    else:
        offset = 0

    assert 0 <= offset <= len(text)

"""Laws of evaluation: only its own errors, whatever is asked of whatever value."""

import re
from datetime import UTC, date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.contracts.expressions.facts import Facts, facts, value
from workflows_app.contracts.expressions import (
    EvaluationError,
    ExpressionError,
    evaluate,
    parse,
)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(allow_nan=True),
    st.text(max_size=5),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.floats(),
)
VALUES = st.recursive(
    SCALARS, lambda deeper: st.one_of(st.lists(deeper), st.dictionaries(st.sampled_from("bc"), deeper)), max_leaves=6
)
PIECES = st.sampled_from(
    re.findall(
        r"\S+",
        "a a.b a.c nowhere 1 2.5 'x' NULL TRUE = != < >= + - * / AND OR NOT IS IN LIKE BETWEEN ( ) , all match t.c "
        "count( sum( min( max( lower( coalesce( list( contains( money( ago( datetime( date( MAX( WHERE",
    )
)


@settings(max_examples=300)
@given(st.lists(PIECES, min_size=1, max_size=12).map(" ".join), VALUES)
def test_evaluating_raises_nothing_but_its_own_errors(text: str, a: Any) -> None:
    env = Facts(names={"a": a}, columns={("t", "c"): []}, aggregated=a)
    try:
        evaluate(text, env)
    except (EvaluationError, ExpressionError):
        return


OPERATORS = [
    "a = b",
    "a < b",
    "a + b",
    "a * b",
    "a / b",
    "a LIKE b",
    "a IN (b)",
    "a IN b",
    "a BETWEEN b AND a",
    "NOT a",
    "-a",
]
CALLS = [
    "count(a)",
    "sum(a)",
    "min(a)",
    "max(a)",
    "lower(a)",
    "contains(a)",
    "money(a)",
    "ago(a)",
    "datetime(a)",
    "date(a)",
]


@settings(max_examples=300)
@given(
    st.sampled_from([*OPERATORS, *CALLS, "all a = b", "all a match t.c", "a AND b", "a.b", "coalesce(a, b)"]),
    VALUES,
    VALUES,
)
def test_no_value_breaks_an_operator(text: str, a: Any, b: Any) -> None:
    env = Facts(names={"a": a, "b": b}, columns={("t", "c"): []})
    try:
        evaluate(text, env)
    except EvaluationError:
        return


@given(st.text(), st.text(), st.text())
def test_what_contains_a_text_is_found(before: str, text: str, after: str) -> None:
    assert value("whole LIKE contains(part)", whole=before + text + after, part=text) is True
    assert value("whole LIKE starts_with(part)", whole=text + after, part=text) is True


def test_a_parsed_expression_is_evaluated_as_its_text_is() -> None:
    node = parse("1 + x")

    assert evaluate(node, facts(x=2)) == evaluate("1 + x", facts(x=2)) == 3


def test_true_and_one_are_not_taken_for_one_another() -> None:
    assert (value("1"), value("TRUE"), value("1.0")) == (1, True, Decimal("1.0"))
    assert [type(value(text)) for text in ("1", "TRUE", "1.0")] == [int, bool, Decimal]


def test_dates_compare_as_midnights() -> None:
    assert value("due <= datetime('2026-03-10T00:00:00Z')", due=date(2026, 3, 10)) is True

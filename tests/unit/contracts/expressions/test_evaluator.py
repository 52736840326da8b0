import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.contracts.expressions.facts import NOW, Facts, facts
from workflows_app.contracts.expressions import (
    EvaluationError,
    ExpressionError,
    Pattern,
    evaluate,
    is_true,
    parse,
    walk,
)


def value(text: str, **names: Any) -> Any:
    return evaluate(text, facts(**names))


def refused(text: str, **names: Any) -> str:
    with pytest.raises(EvaluationError) as caught:
        evaluate(text, facts(**names))
    return str(caught.value)


# --- three-valued logic ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TRUE AND NULL", None),
        ("NULL AND TRUE", None),
        ("NULL AND FALSE", False),
        ("FALSE AND NULL", False),
        ("NULL OR TRUE", True),
        ("FALSE OR NULL", None),
        ("NOT NULL", None),
        ("NOT TRUE OR TRUE", True),
        ("NULL = NULL", None),
        ("NULL != 1", None),
        ("NULL < 'a'", None),
        ("NULL + 1", None),
        ("1 - NULL", None),
        ("-NULL", None),
        ("NULL LIKE '%'", None),
        ("'a' LIKE NULL", None),
        ("NULL NOT LIKE '%'", None),
        ("1 BETWEEN NULL AND 3", None),
        ("4 BETWEEN NULL AND 3", False),
        ("4 NOT BETWEEN NULL AND 3", True),
        ("NULL IS NULL", True),
        ("NULL IS NOT NULL", False),
        ("1 = 1 IS NOT NULL", True),
    ],
)
def test_null_spreads_as_in_sql(text: str, expected: bool | None) -> None:
    assert value(text) is expected


@pytest.mark.parametrize("text", ["NULL", "NULL = 1", "FALSE", "1", "'true'", "NOT NULL"])
def test_only_true_passes(text: str) -> None:
    assert is_true(text, facts()) is False


def test_and_stops_at_the_first_false_and_or_at_the_first_true() -> None:
    assert value("FALSE AND nowhere") is False
    assert value("TRUE OR nowhere") is True


@pytest.mark.parametrize("text", ["1 AND TRUE", "TRUE AND 'x'", "NULL OR 1", "NOT 1", "NOT 'x'"])
def test_logic_needs_truths(text: str) -> None:
    assert refused(text).startswith("AND, OR and NOT need TRUE or FALSE, and got ")


# --- comparison -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 = 1.00", True),
        ("1 != 2", True),
        ("1 <> 1", False),
        ("1 < 2 AND 2 <= 2 AND 3 > 2 AND 3 >= 3", True),
        ("'a' = 'A'", False),
        ("'B' < 'a'", True),
        ("TRUE = FALSE", False),
        ("1 < 2 = 3 < 4", True),
        ("NOT 1 = 2", True),
        ("2 BETWEEN 1 AND 2", True),
        ("3 BETWEEN 1 AND 2", False),
        ("3 NOT BETWEEN 1 AND 2", True),
        ("1 BETWEEN 0 AND 2 AND TRUE", True),
        ("date('2026-01-01') = datetime('2026-01-01T00:00:00Z')", True),
        ("date('2026-01-01') < datetime('2026-01-01T00:00:01Z')", True),
        ("datetime('2026-01-01T01:00:00+01:00') = datetime('2026-01-01')", True),
    ],
)
def test_values_of_one_family_compare(text: str, expected: bool) -> None:
    assert value(text) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("'3' = 3", "text cannot be compared with a number: '3' = 3"),
        ("3 < 'x'", "a number cannot be compared with text: 3 < 'x'"),
        ("TRUE = 1", "TRUE or FALSE cannot be compared with a number: TRUE = 1"),
        ("0 = FALSE", "a number cannot be compared with TRUE or FALSE: 0 = FALSE"),
        ("date('2026-01-01') > '2025'", "a date cannot be compared with text: 2026-01-01 > '2025'"),
        ("list(1) = list(1)", "a list cannot be compared with ="),
        ("list(1) = 1", "a list cannot be compared with a number: a list = 1"),
        ("1 IN ('1')", "a number cannot be compared with text: 1 = '1'"),
        ("1 BETWEEN '0' AND '2'", "text cannot be compared with a number: '0' <= 1"),
    ],
)
def test_values_of_different_families_are_refused(text: str, message: str) -> None:
    assert refused(text) == message


def test_a_moment_without_time_zone_is_refused() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001

    assert refused("x < ago('1 day')", x=naive) == "the moment 2026-01-01T00:00:00 has no time zone"


def test_a_float_is_not_a_value() -> None:
    assert refused("x > 1", x=1.5) == "a float is not a value that expressions know"


# --- arithmetic -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("7 - 2 - 1", 4),
        ("-2 * -3", 6),
        ("- -2", 2),
        ("0.1 + 0.2", Decimal("0.3")),
        ("12.50 * 4", Decimal("50.00")),
        ("7 / 2", Decimal("3.5")),
        ("1 / 0", None),
        ("1.5 / 0.0", None),
        ("NULL / 0", None),
    ],
)
def test_arithmetic_is_exact(text: str, expected: int | Decimal | None) -> None:
    result = value(text)

    assert (result, type(result)) == (expected, type(expected))


@pytest.mark.parametrize(
    "text", ["'1' + 1", "1 + '1'", "TRUE + 1", "1 * TRUE", "-'a'", "-TRUE", "date('2026-01-01') + 1"]
)
def test_arithmetic_needs_numbers(text: str) -> None:
    assert "needs numbers, and got" in refused(text)


def test_results_of_more_than_38_digits_are_refused() -> None:
    assert refused("x * x", x=10**20) == "the result has more than 38 digits"
    assert refused("x * x", x=Decimal("1E+600000")) == "a number or a moment is too large to compute with"
    assert refused("ago('999999 weeks')") == "a number or a moment is too large to compute with"


# --- LIKE -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'Leeds Schools' LIKE 'leeds%'", True),
        ("'Leeds Schools' LIKE '%SCHOOLS'", True),
        ("'Leeds Schools' LIKE '%s%s%s%'", True),
        ("'Leeds Schools' LIKE 'eeds'", False),
        ("'ab' LIKE 'a_'", True),
        ("'a' LIKE 'a_'", False),
        ("'' LIKE ''", True),
        ("'' LIKE '%'", True),
        ("'Ärzte GMBH' LIKE 'ärzte gmbh'", True),
        ("'10%' LIKE '10\\%'", True),
        ("'100' LIKE '10\\%'", False),
        ("'a\\b' LIKE 'a\\\\b'", True),
        ("'a' LIKE 'a\\'", False),
        ("'aXbXb' LIKE 'a%b'", True),
        ("'ab' LIKE 'ab%b'", False),
        ("'a.c' LIKE 'a.c' AND NOT 'abc' LIKE 'a.c'", True),
        ("'abc' NOT LIKE 'b%'", True),
    ],
)
def test_like_matches_whole_texts_without_regard_to_case(text: str, expected: bool) -> None:
    assert value(text) is expected


def test_like_matches_across_lines() -> None:
    assert value("x LIKE 'a%d'", x="a\nb\nd") is True


def test_a_percent_sign_in_a_value_matches_itself() -> None:
    assert value("'100' LIKE x", x="1%") is False
    assert value("'1%' LIKE x", x="1%") is True


def test_a_pattern_is_used_as_it_is() -> None:
    assert value("'100' LIKE x", x=Pattern("1%")) is True


@pytest.mark.parametrize("name", ["contains", "starts_with"])
def test_patterns_escape_what_they_are_given(name: str) -> None:
    assert value(f"'50% off_now\\' LIKE {name}('50% OFF_now\\')") is True
    assert value(f"'50x off_now\\' LIKE {name}('50%')") is False
    assert value(f"{name}(NULL)") is None


def test_contains_looks_anywhere_and_starts_with_at_the_start() -> None:
    assert value("contains('a_b')") == "%a\\_b%"
    assert value("starts_with('a_b')") == "a\\_b%"
    assert isinstance(value("starts_with('a')"), Pattern)


@pytest.mark.parametrize("text", ["1 LIKE '1'", "'1' LIKE 1", "TRUE LIKE 'x'"])
def test_like_needs_text(text: str) -> None:
    assert refused(text).startswith("LIKE needs text, and got ")


def test_many_wildcards_do_not_explode() -> None:
    pattern = "%a" * 200 + "%b"

    assert value(f"x LIKE '{pattern}'", x="a" * 5_000) is False


# --- IN -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 IN (1, 2)", True),
        ("3 IN (1, 2)", False),
        ("3 NOT IN (1, 2)", True),
        ("3 IN (1, NULL)", None),
        ("3 NOT IN (1, NULL)", None),
        ("1 IN (1, NULL)", True),
        ("NULL IN (1)", None),
        ("NULL IN ()", False),
        ("1 IN ()", False),
        ("1 NOT IN ()", True),
        ("1 IN (codes)", True),
        ("1 IN codes", True),
        ("7 IN codes", False),
        ("7 IN (codes, 7)", True),
        ("1 IN nothing", None),
        ("1 IN nobody", False),
        ("2 IN list(1, 2)", True),
        ("2 IN rows.n", True),
    ],
)
def test_in_looks_through_members_and_lists(text: str, expected: bool | None) -> None:
    assert value(text, codes=[1, 2], nothing=None, nobody=[], rows=[{"n": 2}]) is expected


def test_in_without_parentheses_needs_a_list() -> None:
    assert refused("1 IN x", x=1) == "IN needs a list, and got 1"


# --- names ----------------------------------------------------------------------------------------------------------


def test_a_name_reads_attributes_and_null_has_them_all() -> None:
    assert value("customer.address.city", customer={"address": {"city": "Leeds"}}) == "Leeds"
    assert value("customer.address.city", customer=None) is None


def test_a_list_projects_its_attributes() -> None:
    assert value("line.margin", line=[{"margin": 1}, None, {"margin": 3}]) == [1, None, 3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nowhere", "nowhere is not a loop alias, a context entry or an input"),
        ("row.phone", "a row has no phone; it has id, name"),
        ("empty.phone", "a row has no phone; it has nothing"),
        ("word.upper", "text has no attribute upper"),
        ("word.__class__", "text has no attribute __class__"),
        ("rows.phone", "a row has no phone; it has id"),
    ],
)
def test_what_is_nowhere_is_refused(text: str, message: str) -> None:
    assert refused(text, row={"id": 1, "name": "a"}, empty={}, word="x", rows=[{"id": 1}]) == message


def test_walking_follows_mappings_only() -> None:
    assert walk({"a": [{"b": 1}, {"b": 2}]}, ("a", "b")) == [1, 2]
    with pytest.raises(EvaluationError, match="a number has no attribute real"):
        walk(1, ("real",))


def test_an_object_has_no_attributes() -> None:
    with pytest.raises(EvaluationError, match="a Facts is not a value that expressions know"):
        value("x.names", x=Facts(names={"a": 1}))


# --- all ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("test", "passes"),
    [
        ("IS NOT NULL", True),
        ("IS NULL", False),
        ("= 5", False),
        ("!= 9", True),
        ("< 7", True),
        ("IN (5, 6, 7)", True),
        ("IN (5)", False),
        ("NOT IN (1, 2)", True),
        ("BETWEEN 5 AND 6", True),
        ("NOT BETWEEN 6 AND 7", False),
        (">= lowest", True),
        ("> lowest AND TRUE", False),
    ],
)
def test_all_asks_every_element(test: str, passes: bool) -> None:
    assert value(f"all line.n {test}", line=[{"n": 5}, {"n": 6}], lowest=5) is passes


def test_all_asks_texts_as_well() -> None:
    assert value("all codes LIKE 'a%'", codes=["a1", "A2"]) is True
    assert value("all codes NOT LIKE 'a%'", codes=["b1", "A2"]) is False


def test_all_looks_through_lists_of_lists() -> None:
    groups = [{"rows": [{"n": 1}, {"n": 2}]}, {"rows": [{"n": 3}]}]

    assert value("all g.rows.n < 3", g=groups) is False
    assert value("all g.rows.n < 4", g=groups) is True


def test_all_is_never_unknown() -> None:
    assert value("all line.n > 1", line=[{"n": None}]) is False
    assert value("NOT all line.n > 1", line=[]) is True


def test_all_needs_a_list() -> None:
    assert refused("all x > 1", x=3) == "all x needs a list, and got 3"
    assert refused("all x > 1", x=["a"]) == "text cannot be compared with a number: 'a' > 1"


def test_all_reads_its_bound_once() -> None:
    env = Facts(names={"codes": [1, 2, 3]}, aggregated=0)

    assert evaluate("all codes > MAX(spec_items.n WHERE active = TRUE)", env) is True
    assert len(env.asked) == 1


def test_null_matches_no_column() -> None:
    env = Facts(names={"codes": ["A", None]}, columns={("t", "c"): ["A", None]})

    assert evaluate("all codes match t.c", env) is False


# --- aggregates -----------------------------------------------------------------------------------------------------


def test_the_conditions_of_an_aggregate_are_evaluated() -> None:
    env = Facts(names={"who": "c1"}, aggregated=4)

    result = evaluate("count(ar_disputes.id WHERE customer_id = who AND ar_disputes.opened_at <> ago('7 days'))", env)

    week_ago = NOW - timedelta(days=7)
    assert result == 4
    assert env.asked == [("COUNT", "ar_disputes", "id", (("customer_id", "=", "c1"), ("opened_at", "!=", week_ago)))]


@pytest.mark.parametrize(("function", "expected"), [("COUNT", 0), ("SUM", None), ("MIN", None), ("MAX", None)])
def test_no_row_satisfies_a_condition_with_null(function: str, expected: int | None) -> None:
    env = Facts(names={"who": None}, aggregated=99)

    assert evaluate(f"{function}(t.n WHERE customer_id = who)", env) == expected
    assert env.asked == []


# --- laws -----------------------------------------------------------------------------------------------------------

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

from datetime import timedelta

import pytest

from tests.unit.contracts.expressions.facts import NOW, Facts, refused, value
from workflows_app.contracts.expressions import Pattern, evaluate

# --- LIKE -------------------------------------------------------------------------------------------------------------


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


# --- IN ---------------------------------------------------------------------------------------------------------------


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


# --- all --------------------------------------------------------------------------------------------------------------


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


# --- aggregates -------------------------------------------------------------------------------------------------------


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

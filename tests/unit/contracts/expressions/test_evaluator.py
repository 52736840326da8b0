from datetime import datetime
from decimal import Decimal

import pytest

from tests.unit.contracts.expressions.facts import Facts, facts, refused, value
from workflows_app.contracts.expressions import EvaluationError, is_true, walk

# --- three-valued logic -----------------------------------------------------------------------------------------------


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


# --- comparison -------------------------------------------------------------------------------------------------------


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


# --- arithmetic -------------------------------------------------------------------------------------------------------


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


# --- names ------------------------------------------------------------------------------------------------------------


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

"""Binding: what fits the place of a `?`, and in which form it reaches each database."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.contracts.sql.tables import compiled
from workflows_app.contracts.expressions import Pattern
from workflows_app.contracts.sql import BindError, Parameter
from workflows_app.contracts.sql.forms import Vendor

NOW = datetime(2026, 3, 5, 12, 30, 15, 500, tzinfo=UTC)
EASTERN = timezone(timedelta(hours=-5))


def bound(vendor: Vendor, condition: str, *values: Any) -> list[object]:
    """The parameters of a condition over payments and customers, bound for a database."""
    sql = f"SELECT c.id FROM customers c JOIN payments p ON p.customer_id = c.id WHERE {condition}"
    return compiled(sql, "customers", "payments").bind(vendor, values, NOW)[1]


def test_the_use_and_kind_of_each_parameter_is_known_in_the_order_of_the_text() -> None:
    query = compiled(
        "WITH few AS (SELECT id FROM customers WHERE credit_limit > ?) "
        "SELECT CASE WHEN active = ? THEN ? ELSE 'x' END AS a "
        "FROM customers WHERE companyname LIKE ? AND id IN (?) AND created_at < ? AND email IS NOT NULL "
        "AND id IN (SELECT id FROM few) ORDER BY companyname LIMIT ?"
    )

    assert query.parameters == (
        Parameter(usage="plain", kind="decimal"),
        Parameter(usage="plain", kind="boolean"),
        Parameter(usage="plain", kind="text"),
        Parameter(usage="like", kind="text"),
        Parameter(usage="in", kind="text"),
        Parameter(usage="plain", kind="datetime"),
        Parameter(usage="plain", kind="natural"),
    )


@pytest.mark.parametrize(
    ("condition", "value", "sqlite", "postgresql"),
    [
        ("c.id = ?", "x", "x", "x"),
        ("c.id = ?", None, None, None),
        ("c.visits = ?", 3, 3, 3),
        ("c.visits = ?", Decimal("3.00"), 3, 3),
        ("p.amount > ?", Decimal("12.50"), 12.5, Decimal("12.50")),
        ("p.amount > ?", 12, 12.0, Decimal(12)),
        ("p.amount * 2 > ?", Decimal("0.3"), 0.3, Decimal("0.3")),
        ("c.active = ?", True, 1, True),
        ("c.active = ?", False, 0, False),
        ("c.created_at > ?", NOW, "2026-03-05 12:30:15.000500", NOW),
        ("c.created_at > ?", NOW.astimezone(EASTERN), "2026-03-05 12:30:15.000500", NOW),
        ("c.created_at > ?", date(2026, 3, 5), "2026-03-05 00:00:00", datetime(2026, 3, 5, tzinfo=UTC)),
        ("c.created_at > ?", "2026-03-05T12:30:15Z", "2026-03-05 12:30:15", NOW.replace(microsecond=0)),
        ("p.paid_on > ?", date(2026, 3, 5), "2026-03-05", date(2026, 3, 5)),
        ("p.paid_on > ?", "2026-03-05", "2026-03-05", date(2026, 3, 5)),
        ("p.paid_on > ?", NOW, "2026-03-05 12:30:15.000500", NOW),
        ("p.paid_on = ?", datetime(2026, 3, 5, tzinfo=UTC), "2026-03-05", datetime(2026, 3, 5, tzinfo=UTC)),
        ("c.id LIKE ?", r"50%_\ off", r"50\%\_\\ off", r"50\%\_\\ off"),
        ("LOWER(c.id) LIKE LOWER(?)", "100%", r"100\%", r"100\%"),
        ("c.id LIKE '%' || ? || '%'", "a_b", r"a\_b", r"a\_b"),
        ("c.id LIKE ?", Pattern(r"%50\%%"), r"%50\%%", r"%50\%%"),
        ("c.id LIKE ?", None, None, None),
        ("c.id IN (?)", ["a", None, "ä"], '["a", null, "ä"]', ["a", None, "ä"]),
        ("c.id IN (?)", "a", '["a"]', ["a"]),
        ("c.id NOT IN (?)", [], "[]", []),
        ("p.amount IN (?)", [1, Decimal("2.5")], "[1.0, 2.5]", [Decimal(1), Decimal("2.5")]),
        ("p.paid_on IN (?)", [date(2026, 3, 5)], '["2026-03-05"]', [date(2026, 3, 5)]),
        ("c.active IN (?)", [True], "[1]", [True]),
        ("? IS NULL", 5, "5", "5"),
    ],
)
def test_a_value_is_bound_in_the_form_that_the_database_stores(
    condition: str, value: Any, sqlite: object, postgresql: object
) -> None:
    assert bound("sqlite", condition, value) == [sqlite]
    assert bound("postgresql", condition, value) == [postgresql]


@pytest.mark.parametrize(
    ("condition", "value", "message"),
    [
        ("c.id = ?", 5, "parameter 1 needs text, not int '5'"),
        ("c.id = ?", ["a"], "parameter 1 needs text, not list"),
        ("c.id = ?", Pattern("%a%"), "parameter 1 is a pattern, which belongs after LIKE"),
        ("c.id = ?", "a\x00b", "parameter 1 text with a NUL character"),
        ("c.id = ?", "\ud800", "parameter 1 text with half a character"),
        ("c.visits = ?", "5", "parameter 1 needs a whole number, not str '5'"),
        ("c.visits = ?", Decimal("1.5"), "parameter 1 needs a whole number"),
        ("c.visits = ?", True, "parameter 1 needs a whole number, not bool"),
        ("c.visits = ?", 2**63, "parameter 1 a whole number beyond 64 bits"),
        ("p.amount = ?", "12.50", "parameter 1 needs a number, not str"),
        ("p.amount = ?", Decimal("NaN"), "parameter 1 needs a number of ordinary size"),
        ("p.amount = ?", Decimal("1e400"), "parameter 1 needs a number of ordinary size"),
        ("p.amount = ?", 1.5, "parameter 1 needs a number, not float"),
        ("c.active = ?", 1, "parameter 1 needs TRUE or FALSE, not int"),
        ("c.created_at = ?", "tomorrow", "parameter 1 needs a date or a moment, not str 'tomorrow'"),
        ("c.created_at = ?", NOW.replace(tzinfo=None), "parameter 1 needs a moment with its time zone"),
        ("p.paid_on IN (?)", [NOW], "parameter 1 needs a date without a time"),
        ("c.id IN (?)", [["a"]], "parameter 1 needs text, not list"),
        ("c.id LIKE ?", 5, "parameter 1 needs text, not int"),
    ],
)
@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_a_value_that_does_not_fit_is_refused_for_both_databases(
    vendor: Vendor, condition: str, value: Any, message: str
) -> None:
    with pytest.raises(BindError) as caught:
        bound(vendor, condition, value)
    assert message in str(caught.value)


@pytest.mark.parametrize(("limit", "fits"), [(3, True), (0, True), (-1, False), (None, False), ("3", False)])
def test_a_limit_is_a_number_that_is_not_negative(limit: Any, *, fits: bool) -> None:
    query = compiled("SELECT id FROM customers LIMIT ?")

    if fits:
        assert query.bind("postgresql", [limit], NOW)[1] == [limit]
        return
    with pytest.raises(BindError):
        query.bind("postgresql", [limit], NOW)


def test_the_number_of_values_must_be_that_of_the_question_marks() -> None:
    with pytest.raises(BindError, match=r"the query has 1 \?, but 2 values were given"):
        compiled("SELECT id FROM customers WHERE id = ?").bind("sqlite", ["a", "b"], NOW)


def test_the_clock_is_bound_from_now_and_only_then() -> None:
    query = compiled("SELECT id FROM customers WHERE created_at > datetime('now','-2 hours') AND id = ?")

    assert query.bind("sqlite", ["x"], NOW)[1] == ["2026-03-05 10:30:15", "x"]
    later = query.bind("postgresql", ["x"], NOW + timedelta(days=1))[1]
    assert later == [datetime(2026, 3, 6, 10, 30, 15, tzinfo=UTC), "x"]


@pytest.mark.parametrize(
    ("condition", "sqlite"),
    [
        ("p.paid_on > datetime('now','-90 days')", "2025-12-05 12:30:15"),
        ("p.paid_on > datetime('now','start of day')", "2026-03-05"),
        ("p.paid_on = date('now')", "2026-03-05"),
        ("c.created_at >= date('now')", "2026-03-05 00:00:00"),
        ("c.created_at > CURRENT_TIMESTAMP", "2026-03-05 12:30:15"),
    ],
)
def test_a_date_meets_a_moment_as_the_midnight_that_begins_it(condition: str, sqlite: str) -> None:
    assert bound("sqlite", condition) == [sqlite]


def test_a_clock_that_leaves_the_calendar_is_an_error_of_ours() -> None:
    with pytest.raises(BindError, match="leaves the calendar"):
        bound("sqlite", "c.created_at > datetime('now','-9000 years')")


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))))
def test_a_list_of_any_length_is_one_parameter_and_survives(values: list[str]) -> None:
    (sqlite,) = bound("sqlite", "c.id IN (?)", values)

    assert isinstance(sqlite, str)
    assert json.loads(sqlite) == values
    assert bound("postgresql", "c.id IN (?)", values) == [values]


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00")))
def test_an_escaped_value_has_no_character_of_a_pattern_left(value: str) -> None:
    (pattern,) = bound("sqlite", "c.id LIKE ?", value)

    assert isinstance(pattern, str)
    rest = pattern.replace("\\\\", "").replace("\\%", "").replace("\\_", "")
    assert not set(rest) & set("%_\\")

"""Column values are checked when planning, with a sentence for what a column refuses."""

from typing import Any

import pytest

from workflows_app.effects.data import NOW
from workflows_app.steps.columns import (
    canonical_row,
    canonical_value,
    require_columns,
    typed_row,
    with_defaults,
    writable_table,
)
from workflows_app.steps.errors import PlanningError


@pytest.mark.parametrize(
    ("table", "column", "value", "expected"),
    [
        ("customers", "companyname", "O'Brien & Söhne 100%", "O'Brien & Söhne 100%"),
        ("customers", "credit_limit", 0, "0.00"),
        ("customers", "credit_limit", "1250.005", "1250.01"),
        ("customers", "phone", None, None),
        ("customers", "created_at", "2026-09-14T08:00:00-04:00", "2026-09-14T12:00:00Z"),
        ("customers", "created_at", NOW, NOW),
        ("quotes", "valid_until", "2026-10-14", "2026-10-14"),
        ("quotes", "valid_until", "2026-10-14T23:30:00Z", "2026-10-14"),
        ("quotes", "revision", "2", 2),
        ("spec_items", "active", False, False),
        ("anomaly_investigations", "evidence", {"b": 1, "a": ["x"]}, '{"a":["x"],"b":1}'),
    ],
)
def test_a_value_becomes_canonical(table: str, column: str, value: Any, expected: Any) -> None:
    assert canonical_value(writable_table(table), column, value) == expected


@pytest.mark.parametrize(
    ("table", "column", "value", "message"),
    [
        ("customers", "companyname", "x" * 201, "it has 201 characters, and at most 200 fit"),
        ("customers", "companyname", None, "customers.companyname needs a value"),
        ("customers", "companyname", 5, "it is not text"),
        ("customers", "credit_limit", "cheap", "customers.credit_limit cannot hold 'cheap'"),
        ("customers", "credit_limit", "1e30", "it is too large"),
        ("customers", "credit_limit", "NaN", "it is not a number"),
        ("customers", "credit_limit", True, "it is not a number"),
        ("customers", "created_at", "2026-09-14T08:00:00", "it has no time zone"),
        ("customers", "nickname", "x", "customers has no column nickname"),
        ("quotes", "revision", "1.5", "it is not a whole number"),
        ("quotes", "valid_until", "soon", "quotes.valid_until cannot hold 'soon'"),
        ("spec_items", "active", "yes", "it is neither true nor false"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_words(table: str, column: str, value: Any, message: str) -> None:
    with pytest.raises(PlanningError) as refusal:
        canonical_value(writable_table(table), column, value)

    assert message in str(refusal.value)


@pytest.mark.parametrize("table", ["proposed_actions", "sync_log", "nowhere"])
def test_only_mirror_and_derived_tables_are_written(table: str) -> None:
    with pytest.raises(PlanningError, match="not a table that a contract may change"):
        writable_table(table)


def test_a_new_row_needs_the_columns_without_default() -> None:
    with pytest.raises(PlanningError, match="a new row of customers needs companyname, created_at"):
        require_columns(writable_table("customers"), {"email": "a@b.example"})


def test_columns_that_are_not_given_hold_their_default() -> None:
    row = with_defaults(writable_table("customers"), "cs-cus-1", {"companyname": "Lee"})

    assert (row["id"], row["companyname"]) == ("cs-cus-1", "Lee")
    assert (row["entitystatus"], row["credit_limit"], row["email"]) == ("prospect", "0.00", None)


def test_a_row_is_typed_again_for_expressions_and_unknown_moments_are_left_out() -> None:
    table = writable_table("quotes")
    values = canonical_row(table, {"total": "12.5", "valid_until": "2026-10-14", "generated_at": NOW})

    row = typed_row({"kind": "row.insert", "table": "quotes", "id": "cs-est-1", "values": values})

    assert (row["id"], str(row["total"]), row["valid_until"].year) == ("cs-est-1", "12.50", 2026)
    assert "generated_at" not in row

"""What `match` and aggregates of the expression language ask the database."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.integration.reading.world import NOW
from workflows_app.contracts.expressions import EvaluationError
from workflows_app.models import SpecItem, SyncLog
from workflows_app.reading import lookups

pytestmark = pytest.mark.usefixtures("rows")


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        (["A1", "B1"], []),
        (["A9", "A1", "a1", "A9"], ["A9", "a1"]),
        ([], []),
        ([None, "A1"], [None]),
        (["A%", "A_"], ["A%", "A_"]),
    ],
)
def test_values_that_no_row_has_are_missing_each_once_in_their_order(values: list[Any], missing: list[Any]) -> None:
    assert lookups.missing_from(values, "spec_items", "item_code") == missing


def test_numbers_and_moments_are_found_by_value() -> None:
    assert lookups.missing_from([Decimal("9.990"), 10, 11], "spec_items", "list_price") == [11]
    assert lookups.missing_from([NOW], "customers", "created_at") == []


def test_a_long_list_is_one_query_for_each_five_hundred() -> None:
    SpecItem.objects.bulk_create(SpecItem(item_code=f"X{n}", description="x", pack_size="1") for n in range(1_200))
    values = [f"X{n}" for n in range(1_201)]

    with CaptureQueriesContext(connection) as queries:
        assert lookups.missing_from(values, "spec_items", "item_code") == ["X1200"]

    assert sum("spec_items" in query["sql"] for query in queries) == 3


@pytest.mark.parametrize(
    ("function", "column", "where", "expected"),
    [
        ("COUNT", "id", [], 7),
        ("COUNT", "*", [("entitystatus", "=", "active")], 4),
        ("SUM", "credit_limit", [("id", "<", "3")], Decimal("300.30")),
        ("MAX", "credit_limit", [("id", "!=", "4"), ("credit_limit", "<=", 100)], Decimal("10.00")),
        ("MIN", "companyname", [], "100% Juice Co"),
        ("MAX", "created_at", [], NOW),
        ("MAX", "created_at", [("id", "=", "nobody")], None),
        ("COUNT", "id", [("email", "=", None)], 0),
    ],
)
def test_an_aggregate_is_over_the_rows_that_meet_all_conditions(
    function: str, column: str, where: list[tuple[str, str, Any]], expected: object
) -> None:
    assert lookups.aggregate(function, "customers", column, where) == expected


def test_the_newest_sync_of_a_kind() -> None:
    for hour, kind in [(5, "hot"), (6, "hot"), (7, "cold")]:
        SyncLog.objects.create(
            sync_type=kind, started_at=NOW, completed_at=datetime(2026, 3, 31, hour, tzinfo=UTC), status="completed"
        )

    newest = lookups.aggregate("MAX", "sync_log", "completed_at", [("sync_type", "=", "hot")])

    assert newest == datetime(2026, 3, 31, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lookups.missing_from([5], "spec_items", "item_code"), "needs text, not int"),
        (lambda: lookups.missing_from([{"a": 1}], "spec_items", "item_code"), "not of rows"),
        (lambda: lookups.missing_from(["x"], "spec_items", "nope"), "there is no column nope"),
        (lambda: lookups.missing_from(["x"], "auth_user", "password"), "not a table that contracts may read"),
        (lambda: lookups.missing_from(["x"], "customers; DROP TABLE customers", "id"), "cannot be read as SQL"),
        (lambda: lookups.missing_from(["x"], "customers", 'id" FROM auth_user --'), "auth_user is not a table"),
        (lambda: lookups.aggregate("LOAD_EXTENSION", "customers", "id", []), "not allowed"),
        (lambda: lookups.aggregate("MAX", "customers", "id", [("id", "OR 1=1 --", "x")]), "cannot be used"),
        (lambda: lookups.aggregate("SUM", "customers", "companyname", []), "SUM needs numbers"),
    ],
)
def test_what_cannot_be_asked_is_an_evaluation_error(call: Any, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        call()

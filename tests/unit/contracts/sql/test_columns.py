"""What is known about the result columns before the query ever ran."""

import pytest

from tests.unit.contracts.sql.tables import CATALOG, compiled
from workflows_app.contracts.catalog import Column


def kinds(select: str) -> list[str]:
    """The kinds of the result columns of `SELECT <select>`, decimals with their scale."""
    query = compiled(f"SELECT {select} FROM customers")
    return [_spelled(column) for column in query.columns.values()]


def _spelled(column: Column | None) -> str:
    if column is None:
        return "null"
    return f"decimal({column.scale})" if column.kind == "decimal" else column.kind


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("id, visits, credit_limit, active, created_at", ["text", "integer", "decimal(2)", "boolean", "datetime"]),
        ("COUNT(*), COUNT(DISTINCT email) AS n", ["integer", "integer"]),
        ("SUM(credit_limit) AS s, AVG(credit_limit) AS a", ["decimal(2)", "decimal(2)"]),
        ("MIN(credit_limit) AS a, MAX(created_at) AS b, MIN(id) AS c", ["decimal(2)", "datetime", "text"]),
        ("SUM(visits) AS s, AVG(visits) AS a, SUM(active) AS n", ["integer", "decimal(6)", "integer"]),
        ("visits / 2 AS a, credit_limit / 2 AS b, visits * credit_limit AS c", ["integer", "decimal(6)", "decimal(2)"]),
        ("credit_limit * 1.005 AS a, credit_limit - 1 AS b, -visits AS c", ["decimal(5)", "decimal(2)", "integer"]),
        (
            "ROUND(credit_limit) AS a, ROUND(credit_limit, 1) AS b, ABS(visits) AS c",
            ["decimal(0)", "decimal(1)", "integer"],
        ),
        (
            "COALESCE(email, '-') AS a, COALESCE(credit_limit, 0) AS b, NULLIF(id, '') AS c",
            ["text", "decimal(2)", "text"],
        ),
        ("CASE WHEN active THEN 1 ELSE 2.5 END AS a, CASE WHEN active THEN NULL END AS b", ["decimal(1)", "null"]),
        ("CASE id WHEN 'a' THEN created_at END AS a, visits > 3 AS b", ["datetime", "boolean"]),
        (
            "LOWER(id) AS a, id || '!' AS b, LENGTH(id) AS c, SUBSTR(id, 1, 2) AS d, TRIM(id) AS e",
            ["text", "text", "integer", "text", "text"],
        ),
        ("date(created_at) AS a, date('now') AS b, datetime('now') AS c", ["date", "date", "datetime"]),
        (
            "CAST(visits AS TEXT) AS a, CAST(credit_limit AS INTEGER) AS b, CAST(visits AS DECIMAL(10,3)) AS c",
            ["text", "integer", "decimal(3)"],
        ),
        ("'x' AS a, 5 AS b, 1.25 AS c, TRUE AS d, NULL AS e", ["text", "integer", "decimal(2)", "boolean", "null"]),
        ("SUM(credit_limit) OVER (PARTITION BY active) AS a, COUNT(*) OVER () AS b", ["decimal(2)", "integer"]),
        (
            "(SELECT MAX(credit_limit) FROM customers c) AS a, EXISTS (SELECT 1 FROM customers d) AS b",
            ["decimal(2)", "boolean"],
        ),
    ],
)
def test_the_type_of_a_result_column_is_known(select: str, expected: list[str]) -> None:
    assert kinds(select) == expected


def test_types_pass_through_named_and_nested_queries() -> None:
    query = compiled(
        "WITH totals AS (SELECT customer_id, SUM(amount) AS total FROM payments GROUP BY customer_id) "
        "SELECT c.id, t.total, n.biggest FROM customers c JOIN totals t ON t.customer_id = c.id "
        "LEFT JOIN (SELECT MAX(total) AS biggest FROM totals) AS n ON 1 = 1",
        "customers",
        "payments",
    )

    assert query.columns == {
        "id": Column(kind="text"),
        "total": Column(kind="decimal", scale=2, nullable=True),
        "biggest": Column(kind="decimal", scale=2, nullable=True),
    }


def test_the_other_side_of_a_left_join_may_be_null() -> None:
    sql = "SELECT c.id, p.id AS payment FROM customers c LEFT JOIN payments p ON p.customer_id = c.id"

    columns = compiled(sql, "customers", "payments").columns

    assert columns == {"id": Column(kind="text"), "payment": Column(kind="text", nullable=True)}


def test_a_star_is_the_columns_of_the_catalog_in_their_order() -> None:
    assert list(compiled("SELECT * FROM customers").columns) == list(CATALOG["customers"].columns)


def test_a_star_of_one_table_of_a_join_is_that_table() -> None:
    sql = "SELECT p.*, c.companyname FROM payments p JOIN customers c ON c.id = p.customer_id"

    query = compiled(sql, "customers", "payments")

    assert list(query.columns) == ["id", "customer_id", "amount", "paid_on", "companyname"]


def test_a_function_without_a_name_is_called_by_its_own() -> None:
    assert list(compiled("SELECT COUNT(*), MAX(visits), visits + 1 FROM customers GROUP BY visits").columns) == [
        "count",
        "max",
        "column3",
    ]


@pytest.mark.parametrize(
    ("sql", "ordered", "aggregate_only"),
    [
        ("SELECT id FROM customers", False, False),
        ("SELECT id FROM customers ORDER BY id", True, False),
        ("SELECT id FROM (SELECT id FROM customers ORDER BY id LIMIT 3) AS x", False, False),
        ("SELECT COUNT(*) FROM customers", False, True),
        ("SELECT COUNT(*) FROM customers GROUP BY email", False, False),
        ("SELECT COUNT(*) OVER () AS n FROM customers", False, False),
        ("SELECT COUNT(*) FROM customers UNION SELECT 1 FROM customers", False, False),
    ],
)
def test_whether_it_is_ordered_or_one_aggregate_is_known(sql: str, *, ordered: bool, aggregate_only: bool) -> None:
    query = compiled(sql)

    assert (query.ordered, query.aggregate_only) == (ordered, aggregate_only)


def test_columns_named_like_words_of_sql_can_be_quoted() -> None:
    query = compiled('SELECT "from" FROM letters WHERE "from" = ?', "letters")

    assert list(query.columns) == ["from"]

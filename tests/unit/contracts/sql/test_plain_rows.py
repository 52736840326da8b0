"""Which queries give single rows of one table with their id."""

import pytest

from workflows_app.contracts.sql.plain_rows import plain_columns


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("SELECT id FROM customers WHERE LOWER(email) = LOWER(?) ORDER BY phone", {"id", "email", "phone"}),
        ("SELECT c.id, c.companyname FROM customers c", {"id", "companyname"}),
        ("SELECT * FROM customers WHERE email = ?", {"*", "email"}),
        ("SELECT c.* FROM customers c", {"*"}),
    ],
)
def test_a_plain_query_names_its_columns(sql: str, columns: set[str]) -> None:
    assert plain_columns(sql) == columns


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT companyname FROM customers",
        "SELECT companyname AS id FROM customers",
        "SELECT LOWER(id) AS id FROM customers",
        "SELECT MIN(id) AS id FROM customers",
        "SELECT COUNT(*) FROM customers",
        "SELECT id FROM customers GROUP BY id",
        "SELECT DISTINCT id FROM customers",
        "SELECT id FROM customers LIMIT 1",
        "SELECT id FROM customers LIMIT 1 OFFSET 1",
        "SELECT id, COUNT(*) OVER () AS n FROM customers",
        "SELECT c.id FROM customers c JOIN ar_disputes d ON d.customer_id = c.id",
        "SELECT c.id FROM customers c, ar_disputes d",
        "SELECT id FROM customers WHERE EXISTS (SELECT 1 FROM ar_disputes)",
        "SELECT id FROM customers WHERE id IN (SELECT customer_id FROM ar_disputes)",
        "SELECT id FROM (SELECT id FROM customers) c",
        "SELECT id FROM customers UNION SELECT id FROM quotes",
        "WITH c AS (SELECT id FROM customers) SELECT id FROM c",
    ],
)
def test_any_other_query_is_not_plain(sql: str) -> None:
    assert not plain_columns(sql)

"""The tables a verify check reads without declaring them."""

import pytest

from workflows_app.contracts.sql import QueryError
from workflows_app.contracts.sql.mentioned import mentioned_tables


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT id FROM customers", ("customers",)),
        ("SELECT c.id FROM Customers c JOIN quotes q ON q.customer_id = c.id", ("customers", "quotes")),
        ("SELECT id FROM customers WHERE id IN (SELECT id FROM secrets)", ("customers", "secrets")),
        ("WITH x AS (SELECT id FROM customers) SELECT id FROM x", ("customers",)),
        ("SELECT id FROM customers, generate_series(1, 2)", ("customers",)),
    ],
)
def test_every_table_is_mentioned_once(sql: str, tables: tuple[str, ...]) -> None:
    assert mentioned_tables(sql) == tables


def test_what_is_no_select_mentions_nothing() -> None:
    with pytest.raises(QueryError):
        mentioned_tables("DELETE FROM customers")

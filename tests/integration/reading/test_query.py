"""Shapes of results, and what a failed reading says."""

from decimal import Decimal

import pytest

from tests.integration.reading.world import NOW, read
from workflows_app.contracts.sql import compile_query
from workflows_app.models import catalog
from workflows_app.reading.errors import ReadingError
from workflows_app.reading.query import fetch

pytestmark = pytest.mark.usefixtures("rows")


def test_one_is_the_first_row_or_null() -> None:
    sql = "SELECT tranid, amount FROM ar_aging WHERE days_overdue > ? ORDER BY amount DESC"

    assert read(sql, 0, shape="one") == {"tranid": "INV1", "amount": Decimal("20.20")}
    assert read(sql, 1_000, shape="one") is None


def test_value_is_the_first_column_of_the_first_row_or_null() -> None:
    sql = "SELECT tranid, amount FROM ar_aging WHERE days_overdue > ?"

    assert read(sql, 0, shape="value") == "INV0"
    assert read(sql, 1_000, shape="value") is None


def test_all_is_a_list_of_rows() -> None:
    assert read("SELECT tranid FROM ar_aging WHERE customer_id = '1'") == [{"tranid": "INV0"}, {"tranid": "INV1"}]


def test_groups_hold_the_other_columns_of_their_rows_in_order_of_appearance() -> None:
    sql = "SELECT customer_id, customer_name, tranid FROM ar_aging ORDER BY tranid DESC"

    assert read(sql, shape="groups", group_by=["customer_id", "customer_name"]) == [
        {"customer_id": "3", "customer_name": "None", "rows": [{"tranid": "INV3"}]},
        {"customer_id": "2", "customer_name": "Juice", "rows": [{"tranid": "INV2"}]},
        {"customer_id": "1", "customer_name": "Ähre", "rows": [{"tranid": "INV1"}, {"tranid": "INV0"}]},
    ]


def test_no_rows_are_no_groups() -> None:
    assert read("SELECT id, email FROM customers WHERE id = 'x'", shape="groups", group_by=["id"]) == []


def test_a_value_that_does_not_fit_is_a_reading_error_in_plain_words() -> None:
    with pytest.raises(ReadingError, match="parameter 1 needs text, not int '5'"):
        read("SELECT id FROM customers WHERE id = ?", 5)


def test_a_column_named_like_a_word_of_sql_is_read() -> None:
    compiled = compile_query('SELECT "from" FROM inbound_emails', tables=["inbound_emails"], catalog=catalog.tables())

    assert fetch(compiled, [], NOW) == []
    assert list(compiled.columns) == ["from"]


@pytest.mark.parametrize("table", sorted(catalog.tables()))
def test_every_table_of_the_catalog_can_be_read_whole(table: str) -> None:
    compiled = compile_query(f"SELECT * FROM {table}", tables=[table], catalog=catalog.tables())

    assert isinstance(fetch(compiled, [], NOW), list)
    assert list(compiled.columns) == list(catalog.tables()[table].columns)

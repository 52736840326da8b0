"""Several queries behind one guard: each has its own rows and limits, and the transaction around them stays whole."""

from typing import Any

import pytest
from django.db import connection, transaction

from tests.integration.reading.world import NOW, read
from workflows_app.contracts.sql import compile_query
from workflows_app.models import Customer, catalog
from workflows_app.reading import readonly
from workflows_app.reading.errors import QueryTimeoutError, ReadingError, RowCapError
from workflows_app.reading.query import Question, fetch_together
from workflows_app.reading.readonly import read_together

pytestmark = pytest.mark.usefixtures("rows")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="a feature of PostgreSQL")
CUSTOMERS: tuple[str, list[Any]] = ("SELECT id FROM customers ORDER BY id LIMIT 2", [])
NOBODY: tuple[str, list[Any]] = ("SELECT id FROM customers WHERE companyname = %s", ["100%; -- nobody"])


def test_every_query_has_its_own_rows() -> None:
    quotes = ("SELECT id, revision FROM quotes WHERE id = %s", ["q1"])

    found = read_together(["customers", "quotes"], [CUSTOMERS, NOBODY, quotes])

    assert [[tuple(row) for row in rows] for rows in found] == [[("1",), ("2",)], [], [("q1", 1)]]


def test_every_query_has_its_own_shape_and_values() -> None:
    sql = {
        "SELECT companyname FROM customers WHERE id = ?": ("value", ["3"]),
        "SELECT id FROM customers WHERE id IN (?)": ("all", [["2", "1"]]),
        "SELECT id, total FROM quotes WHERE id = ?": ("one", ["nothing"]),
    }
    questions = [
        Question(compiled=_compiled(text), values=values, shape=shape)  # type: ignore[arg-type]
        for text, (shape, values) in sql.items()
    ]

    assert fetch_together(questions, NOW) == ["100% Juice Co", [{"id": "1"}, {"id": "2"}], None]


@pytest.mark.parametrize(
    "refused",
    [
        ("DELETE FROM customers", []),
        ("SELECT id FROM nothing", []),
        ("SET TRANSACTION READ WRITE", []),
        ("SELECT id FROM customers WHERE id = %s", ["\x00"]),
        ("SELECT id FROM customers WHERE credit_limit = %s", [object()]),
    ],
    ids=lambda query: query[0],
)
def test_one_refused_query_refuses_all_and_leaves_the_transaction_whole(refused: tuple[str, list[Any]]) -> None:
    if connection.vendor == "sqlite" and refused[1] == ["\x00"]:
        pytest.skip("SQLite keeps NUL characters")
    with pytest.raises(ReadingError):
        read_together(["customers"], [CUSTOMERS, refused, CUSTOMERS])

    Customer.objects.create(id="after", companyname="after", created_at=NOW)
    assert Customer.objects.count() == 8
    assert read("SELECT COUNT(*) FROM customers", shape="value") == 8


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_nothing_is_left_behind() -> None:
    assert not connection.in_atomic_block

    assert len(read_together(["customers"], [CUSTOMERS, NOBODY])) == 2

    assert not connection.in_atomic_block
    with transaction.atomic():
        Customer.objects.create(id="after", companyname="after", created_at=NOW)
    assert Customer.objects.count() == 8


def test_the_row_cap_is_of_each_query(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readonly, "ROW_CAP", 2)

    assert len(read_together(["customers"], [CUSTOMERS, CUSTOMERS])) == 2
    with pytest.raises(RowCapError):
        read_together(["customers"], [CUSTOMERS, ("SELECT id FROM customers", [])])


@on_postgresql
def test_the_time_limit_is_of_each_query(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readonly, "TIME_LIMIT_SECONDS", 0.3)
    shorter, longer = ("SELECT pg_sleep(0.2)", []), ("SELECT pg_sleep(20)", [])

    assert len(read_together([], [shorter, shorter])) == 2
    with pytest.raises(QueryTimeoutError):
        read_together([], [shorter, longer])
    with connection.cursor() as after:
        after.execute("SHOW statement_timeout")
        assert after.fetchone() == ("0",)


@on_postgresql
def test_parameters_that_the_server_binds_are_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "server_side_binding", True)

    assert len(read_together(["customers"], [CUSTOMERS, NOBODY])) == 2


def _compiled(sql: str) -> Any:
    table = "quotes" if "quotes" in sql else "customers"
    return compile_query(sql, tables=(table,), catalog=catalog.tables())

"""Test 19 of QUALITY.md, second wall: the database itself refuses, even for SQL that no validator ever saw."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from tests.integration.reading.world import NOW, column, read
from workflows_app.models import Customer, SyncLog
from workflows_app.reading.errors import QueryTimeoutError, ReadingError, RowCapError
from workflows_app.reading.readonly import TIME_LIMIT_SECONDS, guard

pytestmark = pytest.mark.usefixtures("rows")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="a feature of PostgreSQL")
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="a feature of SQLite")

WRITES = [
    "DELETE FROM customers",
    "UPDATE customers SET credit_limit = 0",
    "INSERT INTO sync_log (sync_type, started_at, status, rows_read, rows_upserted, error) "
    "VALUES ('x', '2026-01-01', 'x', 0, 0, '')",
    "DROP TABLE ar_aging",
    "CREATE TABLE stolen AS SELECT * FROM customers",
    "CREATE TEMP TABLE stolen AS SELECT * FROM customers WHERE id = '1'" if connection.vendor == "sqlite" else "VACUUM",
    "ALTER TABLE customers ADD COLUMN stolen text",
    "WITH gone AS (DELETE FROM customers RETURNING id) SELECT id FROM gone",
    "SELECT set_config('transaction_read_only', 'off', true)",
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SET TRANSACTION READ WRITE",
    "SELECT lo_import('/etc/hostname')",
    "SELECT load_extension('x')",
    "ATTACH DATABASE ':memory:' AS other",
    "PRAGMA writable_schema = 1",
    "SELECT nextval('sync_log_id_seq')",
    "SELECT id FROM customers FOR UPDATE",
]


def add_customer(id: str) -> None:
    """A write that must succeed."""
    Customer.objects.create(id=id, companyname=id, created_at=NOW)


@pytest.mark.parametrize("sql", WRITES)
def test_the_database_refuses_to_write_under_a_guard(sql: str) -> None:
    with guard(["customers", "sync_log", "ar_aging"]) as cursor, pytest.raises(ReadingError) as caught:
        cursor.rows(sql)

    assert "didn't produce records" not in str(caught.value)  # what psycopg says of a command that was carried out
    assert Customer.objects.count() == 7
    assert str(Customer.objects.get(id="1").credit_limit) == "100.10"
    assert SyncLog.objects.count() == 0


@on_postgresql
def test_no_order_of_statements_opens_the_transaction_again() -> None:
    refused = pytest.raises(ReadingError, match="cannot set transaction read-write mode")
    with guard(["customers"]) as cursor, refused:
        cursor.rows("SELECT set_config('transaction_read_only', 'off', true), id FROM customers")
    with guard(["customers"]) as cursor:
        cursor.rows("SELECT set_config('default_transaction_read_only', 'off', false)")
        with pytest.raises(ReadingError, match="read-only transaction"):
            cursor.rows("DELETE FROM customers")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM auth_user",
        "SELECT COUNT(*) FROM auth_user",
        "SELECT id FROM customers WHERE EXISTS (SELECT 1 FROM auth_user)",
        "SELECT sql FROM sqlite_master",
        "SELECT name FROM pragma_table_list",
        "WITH x AS (SELECT password FROM auth_user) SELECT COUNT(*) FROM customers, x",
        "SELECT id FROM quotes",
    ],
)
@on_sqlite
def test_sqlite_refuses_to_read_other_tables(sql: str) -> None:
    with guard(["customers"]) as cursor, pytest.raises(ReadingError, match=r"prohibited|not authorized"):
        cursor.rows(sql)


def test_one_guard_serves_many_queries() -> None:
    with guard(["customers", "quotes"]) as cursor:
        assert read("SELECT COUNT(*) FROM customers", shape="value", cursor=cursor) == 7
        assert read("SELECT COUNT(*) FROM quotes", shape="value", cursor=cursor) == 5


def test_writing_works_again_after_the_guard() -> None:
    with guard(["customers"]) as cursor:
        cursor.rows("SELECT id FROM customers")
    add_customer("after")

    assert Customer.objects.filter(id="after").exists()


def test_a_refused_query_leaves_the_transaction_around_it_whole() -> None:
    add_customer("before")
    with pytest.raises(ReadingError), guard(["customers"]) as cursor:
        cursor.rows("DELETE FROM customers")
    add_customer("after")

    assert Customer.objects.filter(id__in=["before", "after"]).count() == 2


def test_a_guard_inside_a_guard_changes_nothing_for_the_outer_one() -> None:
    with guard(["customers"]) as outer:
        with guard(["quotes"]) as inner:
            assert len(inner.rows("SELECT id FROM quotes")) == 5
            with pytest.raises(ReadingError):
                inner.rows("DELETE FROM quotes")
        assert len(outer.rows("SELECT id FROM customers")) == 7
        with pytest.raises(ReadingError):
            outer.rows("DELETE FROM customers")
    add_customer("after")


def test_an_error_of_the_caller_closes_the_guard_too() -> None:
    with pytest.raises(KeyError), guard(["customers"]):
        raise KeyError
    add_customer("after")


@on_postgresql
def test_the_time_limit_ends_with_the_guard() -> None:
    with guard(["customers"]) as cursor:
        assert cursor.rows("SHOW statement_timeout") == [("2s",)]

    with connection.cursor() as after:
        after.execute("SHOW statement_timeout")
        assert after.fetchone() == ("0",)


@pytest.fixture
def clock() -> Iterator[None]:
    """The test must be over after the time limit, long before the query would be."""
    start = time.monotonic()
    yield
    assert TIME_LIMIT_SECONDS <= time.monotonic() - start < 60


CROSS = ", ".join(f"customers c{n}" for n in range(12))


@pytest.mark.usefixtures("clock")
def test_a_query_that_runs_long_is_stopped() -> None:
    with pytest.raises(QueryTimeoutError, match="ran longer than 2 seconds"):
        read(f"SELECT COUNT(*) FROM {CROSS} WHERE LOWER(c0.companyname) LIKE '%nobody%' OR c1.id <> c2.id")


@on_postgresql
@pytest.mark.usefixtures("clock")
def test_sleeping_is_stopped() -> None:
    with guard([]) as cursor, pytest.raises(QueryTimeoutError):
        cursor.rows("SELECT pg_sleep(30)")


def test_after_a_timeout_the_next_query_has_its_own_time() -> None:
    with pytest.raises(QueryTimeoutError):
        read(f"SELECT COUNT(*) FROM {CROSS}")

    assert column("SELECT id FROM quotes WHERE id = 'q1'") == ["q1"]


def test_too_many_rows_are_an_error_and_the_cap_itself_is_not() -> None:
    Customer.objects.bulk_create(
        Customer(id=f"x{n:03}", companyname="x", created_at=datetime(2026, 1, 1, tzinfo=UTC)) for n in range(101)
    )
    pairs = "SELECT a.id, b.id AS other FROM customers a, customers b WHERE a.companyname = 'x' AND b.companyname = 'x'"

    with pytest.raises(RowCapError, match="more than 10,000 rows"):
        read(pairs)
    assert len(read(f"{pairs} AND a.id <> 'x100' AND b.id <> 'x100'")) == 10_000
    assert len(read(f"{pairs} LIMIT 10000")) == 10_000


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sql", ["DELETE FROM customers", "SET TRANSACTION READ WRITE", WRITES[8]])
def test_outside_of_a_transaction_a_guard_refuses_too_and_leaves_nothing_behind(sql: str) -> None:
    assert not connection.in_atomic_block
    with pytest.raises(ReadingError) as caught, guard(["customers"]) as cursor:
        cursor.rows(sql)
    assert "didn't produce records" not in str(caught.value)
    with guard(["customers"]) as cursor:
        assert cursor.rows("SELECT COUNT(*) FROM customers") == [(7,)]

    assert not connection.in_atomic_block
    with transaction.atomic():
        add_customer("after")
    assert Customer.objects.count() == 8

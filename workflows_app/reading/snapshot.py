"""One state of the database, for as long as it takes to read it, and no way to change anything meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from workflows_app.reading.readonly import READONLY_ALIAS

_AS_IT_IS = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one and the same state, whatever others write meanwhile; the database refuses every write from here.

    SQLite: `query_only`, in a deferred transaction, so that nobody waits for it. PostgreSQL: a read-only transaction
    with repeatable reads, which the login `readonly` shares when the settings have one. In a transaction that is open
    already (tests) writes are refused just so, but the state is the one of that transaction.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    wall = _sqlite if connection.vendor == "sqlite" else _postgresql
    with wall(connection):
        yield


@contextmanager
def _sqlite(connection: Any) -> Iterator[None]:
    connection.ensure_connection()
    before = connection.transaction_mode
    _execute(connection, "PRAGMA query_only = ON")
    connection.transaction_mode = "DEFERRED"  # IMMEDIATE would take the write lock
    try:
        with transaction.atomic():
            yield
    finally:
        connection.transaction_mode = before
        _execute(connection, "PRAGMA query_only = OFF")


@contextmanager
def _postgresql(connection: BaseDatabaseWrapper) -> Iterator[None]:
    nested = connection.in_atomic_block
    with transaction.atomic():
        # The query at its end: until the first one the server would still accept SET TRANSACTION READ WRITE.
        _execute(connection, "SET LOCAL transaction_read_only = on; SELECT 1" if nested else f"{_AS_IT_IS}; SELECT 1")
        try:
            with _shared(connection, nested):
                yield
        finally:
            transaction.set_rollback(True)  # takes back the setting, also in a transaction that goes on


@contextmanager
def _shared(connection: BaseDatabaseWrapper, nested: bool) -> Iterator[None]:
    """The same state for the login that contract SQL reads by, when there is one."""
    if nested or READONLY_ALIAS not in settings.DATABASES:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        (name,) = cursor.fetchone()
    other = connections[READONLY_ALIAS]
    with transaction.atomic(using=READONLY_ALIAS):
        _execute(other, _AS_IT_IS)
        with other.cursor() as cursor:
            cursor.execute(f"SET TRANSACTION SNAPSHOT '{name}'")
        yield


def _execute(connection: Any, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)

"""PostgreSQL's wall: a read-only (sub)transaction with a statement timeout."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import TransactionStatus

Rows = list[tuple[Any, ...]]
_QUERY_CANCELED = "57014"
_CLOSE = "ROLLBACK TO SAVEPOINT reading; RELEASE SAVEPOINT reading"


@contextmanager
def wall(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Read-only until the end of the block. The session is in UTC, as on every connection of Django's.

    Always ends by a rollback to the savepoint, which also takes back both settings: `SET LOCAL` alone would last until
    the end of the whole transaction.
    """
    if not connection.in_atomic_block:
        with transaction.atomic(using=connection.alias):
            _execute(connection, _settings(seconds))
            yield
        return
    _execute(connection, f"SAVEPOINT reading; {_settings(seconds)}")
    try:
        yield
    finally:
        _execute(connection, _CLOSE)


def takes_many(connection: BaseDatabaseWrapper) -> bool:
    """Whether `together` works here: parameters bound by the server allow one statement at a time."""
    return not connection.settings_dict["OPTIONS"].get("server_side_binding")


def together(
    connection: BaseDatabaseWrapper, queries: Sequence[tuple[str, Sequence[Any]]], seconds: float, most: int
) -> list[Rows]:
    """At most `most` rows of each query, all behind one wall that is built and taken down in the same round trip.

    The statement timeout holds for each query by itself.
    """
    if not connection.in_atomic_block:
        with transaction.atomic(using=connection.alias):
            return together(connection, queries, seconds, most)
    statements = [f"SAVEPOINT reading; {_settings(seconds)}", *(sql for sql, _ in queries), _CLOSE]
    with connection.cursor() as cursor:
        try:
            cursor.execute(";\n".join(statements), [value for _, params in queries for value in params])
        except Exception:
            if connection.connection.info.transaction_status == TransactionStatus.INERROR:
                cursor.execute(_CLOSE)
            raise
        found = [cursor.fetchmany(most) for _ in _results(cursor)]
    return found[1:]  # the first are those of the settings


def _results(cursor: Any) -> Iterator[None]:
    """Stops at each result that has rows."""
    while True:
        if cursor.description is not None:
            yield
        if not cursor.nextset():
            return


def _settings(seconds: float) -> str:
    """Ends with a query: until the first one the server would still accept SET TRANSACTION READ WRITE."""
    return f"SET LOCAL transaction_read_only = on; SET LOCAL statement_timeout = {int(seconds * 1000)}; SELECT 1"


def _execute(connection: BaseDatabaseWrapper, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def is_timeout(error: BaseException) -> bool:
    """Whether the statement timeout stopped the query."""
    return getattr(error.__cause__, "sqlstate", "") == _QUERY_CANCELED

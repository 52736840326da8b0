"""Reading by force: while a guard is open the database itself refuses everything but reading.

The validator of contract SQL is the first wall, this is the second: it holds even for SQL that never saw the validator.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from workflows_app.contracts.sql import ROW_CAP
from workflows_app.contracts.sql.forms import Vendor
from workflows_app.reading import postgresql, sqlite
from workflows_app.reading.errors import QueryTimeoutError, ReadingError, RowCapError

TIME_LIMIT_SECONDS = 2.0
READONLY_ALIAS = "readonly"
_REFUSALS = (DatabaseError, OverflowError, ValueError)


class Cursor:
    """Runs queries inside a guard, each with the time limit and the row cap."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self.vendor = cast(Vendor, connection.vendor)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of one query in the style of a Django cursor (`%s`, `%%`). Raises `ReadingError`."""
        try:
            with self._connection.cursor() as cursor, _stopwatch(self._connection):
                cursor.execute(sql, list(params))
                found: list[tuple[Any, ...]] = cursor.fetchmany(ROW_CAP + 1)
        except _REFUSALS as error:
            raise _reading_error(error) from error
        return _capped(found)


@contextmanager
def guard(tables: Sequence[str]) -> Iterator[Cursor]:
    """Open a read-only passage for one or many queries over `tables`; other tables are refused where possible.

    Works inside and outside of transactions, and inside another guard. PostgreSQL reads by the login `readonly` when
    the settings have one: what that login may see is for its grants to say.
    """
    connection = _connection()
    wall = (
        sqlite.wall(connection, tables)
        if connection.vendor == "sqlite"
        else postgresql.wall(connection, TIME_LIMIT_SECONDS)
    )
    with wall:
        yield Cursor(connection)


def read_together(tables: Sequence[str], queries: Sequence[tuple[str, Sequence[Any]]]) -> list[list[tuple[Any, ...]]]:
    """All rows of each query, behind one guard; on PostgreSQL in one round trip. Raises `ReadingError`."""
    connection = _connection()
    if connection.vendor == "sqlite" or not postgresql.takes_many(connection):
        with guard(tables) as cursor:
            return [cursor.rows(sql, params) for sql, params in queries]
    try:
        found = postgresql.together(connection, queries, TIME_LIMIT_SECONDS, ROW_CAP + 1)
    except _REFUSALS as error:
        raise _reading_error(error) from error
    return [_capped(rows) for rows in found]


def vendor() -> Vendor:
    """The database that guarded queries are for."""
    return cast(Vendor, _connection().vendor)


def _connection() -> BaseDatabaseWrapper:
    return connections[READONLY_ALIAS if READONLY_ALIAS in settings.DATABASES else DEFAULT_DB_ALIAS]


def _capped(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    if len(rows) > ROW_CAP:
        raise RowCapError(f"the query gave more than {ROW_CAP:,} rows; narrow it down")
    return rows


@contextmanager
def _stopwatch(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """SQLite has no time limit of its own; PostgreSQL keeps its `statement_timeout`."""
    if connection.vendor != "sqlite":
        yield
        return
    with sqlite.time_limit(connection, TIME_LIMIT_SECONDS):
        yield


def _reading_error(error: Exception) -> ReadingError:
    if sqlite.is_timeout(error) or postgresql.is_timeout(error):
        return QueryTimeoutError(f"the query ran longer than {TIME_LIMIT_SECONDS:g} seconds and was stopped")
    return ReadingError(f"the database refused the query: {str(error).strip()}")

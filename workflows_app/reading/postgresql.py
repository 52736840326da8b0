"""PostgreSQL's wall: a read-only (sub)transaction with a statement timeout."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

_QUERY_CANCELED = "57014"


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
        _execute(connection, "ROLLBACK TO SAVEPOINT reading; RELEASE SAVEPOINT reading")


def _settings(seconds: float) -> str:
    """Ends with a query: until the first one the server would still accept SET TRANSACTION READ WRITE."""
    return f"SET LOCAL transaction_read_only = on; SET LOCAL statement_timeout = {int(seconds * 1000)}; SELECT 1"


def _execute(connection: BaseDatabaseWrapper, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def is_timeout(error: BaseException) -> bool:
    """Whether the statement timeout stopped the query."""
    return getattr(error.__cause__, "sqlstate", "") == _QUERY_CANCELED

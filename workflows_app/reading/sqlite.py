"""SQLite's walls: an authorizer that allows reading certain tables only, and a progress handler with a deadline."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from django.db.backends.base.base import BaseDatabaseWrapper

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]

# Everything the rewriter writes (`like` and `date` are what LIKE and DATE() become), and `quote`, which DEBUG calls.
_FUNCTIONS = frozenset(
    {"abs", "avg", "coalesce", "count", "date", "json_each", "length", "like", "lower", "max", "min", "nullif", "quote",
     "round", "substr", "sum", "trim", "upper"}
)  # fmt: skip
# A list after IN travels as one JSON parameter.
_TABLE_FUNCTIONS = frozenset({"json_each"})
# Opcodes between two looks at the clock: some milliseconds when each calls into Python.
_STEPS = 5_000

# The authorizers in force on each connection, the innermost last: Python cannot ask SQLite for the one it has.
_open: WeakKeyDictionary[BaseDatabaseWrapper, list[Authorizer]] = WeakKeyDictionary()


@contextmanager
def wall(connection: BaseDatabaseWrapper, tables: Sequence[str]) -> Iterator[None]:
    """Allow nothing but SELECT over `tables` on this connection, then what was allowed before."""
    connection.ensure_connection()
    authorizers = _open.setdefault(connection, [])
    authorizers.append(_authorizer(frozenset(tables) | _TABLE_FUNCTIONS))
    try:
        connection.connection.set_authorizer(authorizers[-1])
        yield
    finally:
        authorizers.pop()
        if connection.connection is not None:
            connection.connection.set_authorizer(authorizers[-1] if authorizers else None)


def _authorizer(tables: frozenset[str]) -> Authorizer:
    def authorize(action: int, first: str | None, second: str | None, schema: str | None, view: str | None) -> int:
        allowed = (
            action == sqlite3.SQLITE_SELECT
            or (action == sqlite3.SQLITE_READ and first in tables)
            or (action == sqlite3.SQLITE_FUNCTION and str(second).lower() in _FUNCTIONS)
        )
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    return authorize


@contextmanager
def time_limit(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Interrupt whatever runs on this connection when the time is up."""
    deadline = time.monotonic() + seconds
    raw = connection.connection
    raw.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


def is_timeout(error: BaseException) -> bool:
    """Whether `time_limit` stopped the query."""
    return getattr(error.__cause__, "sqlite_errorname", "") == "SQLITE_INTERRUPT"

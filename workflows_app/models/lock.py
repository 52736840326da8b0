"""The lock that sync and appliers share, so that nothing lands between the reading and the writing.

It stands beside the tables because rooms on both sides of an arrow take it.
"""

from django.db import connection

_KEY = 0x434F554E  # any fixed number; "COUN"
_LAST_TRY_KEY = _KEY + 1


def hold_still() -> None:
    """Take the lock until the transaction ends. On SQLite an IMMEDIATE transaction already has it."""
    _take(_KEY)


def one_last_try() -> None:
    """Let one transaction at a time decide which run has its last try; on SQLite each does, as above."""
    _take(_LAST_TRY_KEY)


def _take(key: int) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("a lock lives as long as a transaction, and there is none")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])

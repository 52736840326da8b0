"""The lock that sync and appliers share, so that nothing lands between the reading and the writing.

It stands beside the tables because rooms on both sides of an arrow take it.
"""

from django.db import connection

_KEY = 0x434F554E  # any fixed number; "COUN"


def hold_still() -> None:
    """Take the lock until the transaction ends. On SQLite an IMMEDIATE transaction already has it."""
    if not connection.in_atomic_block:
        raise RuntimeError("the shared lock lives as long as a transaction, and there is none")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_KEY])

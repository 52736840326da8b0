"""Trouble with the database that passes by itself: whoever meets it is told, or tries again; nothing is decided."""

from collections.abc import Callable
from typing import Final, TypeVar

from django.db import InterfaceError, OperationalError, connection

# A lock held for too long, a deadlock, a restarted server, a connection that it closed.
PASSING: Final = (OperationalError, InterfaceError)
Result = TypeVar("Result")


def unless_busy(do: Callable[[], Result], otherwise: Callable[[], Result]) -> Result:
    """What `do` gives; after trouble that passes, what `otherwise` gives, over a connection that works.

    Raises what `otherwise` raises, such as `OperationalError` while there is no database at all.
    """
    try:
        return do()
    except PASSING:
        replace_broken_connection()
        return otherwise()


def replace_broken_connection() -> None:
    """The next query gets a connection that works; whoever began a transaction ends it, over the same connection."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()

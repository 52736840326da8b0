"""A lock that another worker holds, while this connection is impatient."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def held_elsewhere(take: Callable[[], object]) -> Iterator[None]:
    """Another worker is in a transaction and has called `take`; this connection waits for a tenth of a second only."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            take()
            held.set()
            done.wait(60)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(60)
    _wait_for_locks(milliseconds=100)
    try:
        yield
    finally:
        done.set()
        thread.join()
        _wait_for_locks(milliseconds=5000)


def _wait_for_locks(*, milliseconds: int) -> None:
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {milliseconds}" if sqlite else f"SET lock_timeout = {milliseconds}")

"""Governance: how many requests an account may have under way at the same time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from workflows_app.netsuite.sandbox.errors import too_many_at_once


class Governance:
    """Counts requests under way; `most` remembers the highest count that was let in."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.most = 0
        self._under_way = 0
        self._lock = threading.Lock()

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for one request. Raises `RestError` 429 when all are taken."""
        with self._lock:
            if self._under_way >= self.limit:
                raise too_many_at_once()
            self._under_way += 1
            self.most = max(self.most, self._under_way)
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1

"""What arrived: every request with its answer, for tests and for people who look for a fault. No secrets."""

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

_KEPT = 5000
_SECRET = {"authorization", "cookie"}


@dataclass(kw_only=True)
class Arrival:
    """One request. `status` is None while it is under way and when the connection was dropped; `at` is UTC text."""

    number: int
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Any
    at: str
    status: int | None = None
    answer: str = ""
    fault: str = ""


@dataclass
class Arrivals:
    """The last requests, oldest first."""

    _kept: deque[Arrival] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _count: int = 0

    def add(
        self, *, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, at: str
    ) -> Arrival:  # fmt: skip
        """Note a request; its answer is filled in later."""
        with self._lock:
            self._count += 1
            arrival = Arrival(
                number=self._count, method=method, path=path, query=query, at=at,
                headers={n: "(hidden)" if n.lower() in _SECRET else v for n, v in headers.items()},
                body="(hidden)" if path.endswith("/token") else _readable(body),
            )  # fmt: skip
            self._kept.append(arrival)
            return arrival

    def all(self) -> list[dict[str, Any]]:
        """Every request that is kept, as JSON."""
        with self._lock:
            return [asdict(arrival) for arrival in self._kept]

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._kept.clear()


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")

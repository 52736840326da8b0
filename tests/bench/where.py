"""Where the time of a quote run goes: functions of ours by cumulative time, layers by their own time, statements."""

import cProfile
import pstats
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

_RUNS = 30
_FUNCTIONS = 30
_LAYERS = (  # the first that a file name contains; everything else is the standard library's
    ("our code", str(settings.BASE_DIR / "workflows_app")),
    ("our code", str(settings.BASE_DIR / "approvals")),
    ("Django's ORM and backends", "django/db"),
    ("the rest of Django", "django/"),
    ("django-q2", "django_q/"),
    ("the driver and the database", "psycopg"),
    ("the driver and the database", "SQLite"),
    ("the driver and the database", "sqlite3"),
)


def profile(run: Callable[[], object]) -> Iterator[str]:
    """Profile some runs. The profiler makes Python slower than it is, and leaves the database as it is."""
    profiler = cProfile.Profile()
    with profiler:
        for _ in range(_RUNS):
            run()
    stats: Any = pstats.Stats(profiler)
    yield from _layers(stats.stats)
    yield from _functions(stats.stats)


@contextmanager
def counted(counts: Counter[str]) -> Iterator[None]:
    """Count the statements by their first word; COMMIT does not pass here."""

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        counts[sql.split(None, 1)[0]] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield


def _layers(stats: Any) -> Iterator[str]:
    own: Counter[str] = Counter()
    for (file, _, name), (_, _, seconds, _, _) in stats.items():
        own[_layer(f"{file} {name}")] += seconds
    yield f"\nOwn time of each layer, profiled, ms a run ({1000 * own.total() / _RUNS:.1f} together):"
    for layer, seconds in own.most_common():
        yield f"  {1000 * seconds / _RUNS:7.2f}  {layer}"


def _layer(place: str) -> str:
    return next((layer for layer, part in _LAYERS if part in place), "the standard library")


def _functions(stats: Any) -> Iterator[str]:
    ours = {
        f"{Path(file).relative_to(settings.BASE_DIR)}:{line} {name}": (calls, seconds)
        for (file, line, name), (_, calls, _, seconds, _) in stats.items()
        if _layer(file) == "our code" and not name.startswith("<")
    }
    yield "\nOur functions, profiled: ms a run with everything below them, calls a run:"
    for place, (calls, seconds) in sorted(ours.items(), key=lambda item: -item[1][1])[:_FUNCTIONS]:
        yield f"  {1000 * seconds / _RUNS:7.2f}  {calls / _RUNS:6.1f}  {place}"

"""`python -m tests.bench.quotes [--rounds N] [--profile]`: how fast quote runs are, beside a raw-SQL floor.

One worker in one process, on the configured kind of database (a file with the product's settings, or PostgreSQL),
with the demo company. Every round is one real run of `customer_quote` without its PDF, one floor (the same rows by raw
SQL, in as many commits) and some bare commits of one tiny row, so that all three meet the same machine.
"""

import argparse
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection

from approvals.models import ProposedAction
from tests.bench.floor import Floor, Statement, record, snapshot, write
from tests.bench.where import counted, profile
from workflows_app.management.demo.world import World, fresh_world
from workflows_app.models import Customer, SpecItem, WorkflowRun
from workflows_app.runner.advance import advance

PHASES = ("start → gate", "decide", "apply → done")
LINES = 10
_BARE_COMMITS = 10
_WARM_UP = 3
_TINY: list[list[Statement]] = [[("INSERT INTO bench_commits DEFAULT VALUES", [])]]


class Quotes:
    """Real runs, one after the other, each for another customer."""

    def __init__(self, world: World) -> None:
        self._world = world
        active = Customer.objects.filter(entitystatus="active").exclude(email="").order_by("pk")
        self._customers = cycle(active.values_list("pk", flat=True))
        items = SpecItem.objects.filter(active=True, list_price__gt=0).order_by("pk")
        self._codes = list(items.values_list("pk", flat=True)[:LINES])

    def phases(self) -> Iterator[Callable[[], Any]]:
        """The three transactions of a run, to be called in order; afterwards it must be completed."""
        inputs = {
            "customer_id": next(self._customers),
            "item_codes": self._codes,
            "school_year": "2031-32",
            "include_pdf": False,
        }
        runs: list[WorkflowRun] = []
        yield lambda: runs.append(self._world.start("customer_quote", inputs))
        gate = ProposedAction.objects.get(pk=runs[0].proposal_id)
        yield lambda: self._world.decide(gate)
        yield lambda: advance(runs[0].pk)
        runs[0].refresh_from_db()
        if runs[0].status != "completed":
            raise RuntimeError(f"a run ended as {runs[0].status}: {runs[0].error}")

    def run(self) -> list[float]:
        """One run; the seconds of each phase."""
        return [seconds(phase) for phase in self.phases()]

    def recorded(self) -> Floor:
        """One run, as what each of its transactions wrote."""
        snapshots = [snapshot()]
        for phase in self.phases():
            phase()
            snapshots.append(snapshot())
        return record(snapshots)


def tiny_commit() -> None:
    """One row of one number: what a commit costs here."""
    write(_TINY)


def measure(quotes: Quotes, floor: Floor, rounds: int) -> Iterator[str]:
    """Take turns; then the report, in medians."""
    real, raw, bare = [], [], []
    for number in range(rounds):
        real.append(quotes.run())
        commits = floor.statements(f"floor {number}")
        raw.append([seconds(partial(write, [commit])) for commit in commits])
        bare += [seconds(tiny_commit) for _ in range(_BARE_COMMITS)]
    yield f"{connection.vendor}: customer_quote without PDF, {LINES} lines, one worker, {rounds} rounds, medians"
    yield f"The floor writes {floor.rows}."
    yield f"\n{'':14}{'real, ms':>10}{'floor, ms':>11}{'floor/real':>12}"
    for name, mine, least in zip((*PHASES, "whole run"), _medians(real), _medians(raw), strict=True):
        yield f"{name:14}{1000 * mine:10.2f}{1000 * least:11.2f}{least / mine:12.2f}"
    runs, floors = (1 / _medians(times)[-1] for times in (real, raw))
    yield f"\nruns/s {runs:.1f}, floor {floors:.1f}/s, ratio {runs / floors:.2f}"
    yield f"bare commits/s {1 / statistics.median(bare):.0f}"


def statements(quotes: Quotes) -> Iterator[str]:
    """How many statements each phase sends to the database."""
    yield "\nStatements of each phase:"
    for name, phase in zip(PHASES, quotes.phases(), strict=True):
        counts: Counter[str] = Counter()
        with counted(counts):
            phase()
        yield f"  {name:14}{counts.total():4}  " + ", ".join(f"{word} {n}" for word, n in counts.most_common())


@contextmanager
def furnished() -> Iterator[World]:
    """A database of its own with the demo company: on disk, with the product's settings."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=settings.VAR_DIR) as folder:
        if connection.vendor == "sqlite":  # Django's test databases live in memory
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
        with fresh_world() as world, connection.cursor() as cursor:
            serial = {"sqlite": "INTEGER PRIMARY KEY", "postgresql": "BIGSERIAL PRIMARY KEY"}[connection.vendor]
            cursor.execute(f"CREATE TABLE bench_commits (id {serial})")
            yield world


def seconds(action: Callable[[], Any]) -> float:
    """How long it took."""
    started = perf_counter()
    action()
    return perf_counter() - started


def _medians(times: Sequence[Sequence[float]]) -> list[float]:
    """Of each phase, and of the sum."""
    return [statistics.median(phase) for phase in zip(*(([*one, sum(one)]) for one in times), strict=True)]


def main() -> None:
    """Measure; with `--profile`, say where the time goes."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.quotes", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    options = parser.parse_args()
    with furnished() as world:
        quotes = Quotes(world)
        for _ in range(_WARM_UP):
            quotes.run()
        _say(measure(quotes, quotes.recorded(), options.rounds))
        if options.profile:
            _say(statements(quotes))
            _say(profile(quotes.run))


def _say(lines: Iterator[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    main()

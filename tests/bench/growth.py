"""`python -m tests.bench.growth [--sizes 1000 50000 500000]`: the same work with more and more finished runs stored.

One database of the configured kind, with the demo company. Finished runs are added from size to size, and the same
things are measured at each, in one process. The last column is the last size beside the first: what does not depend on
the past stays near 1. Bare commits say how even the machine was meanwhile.
"""

import argparse
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from time import perf_counter
from typing import Any

from django.contrib.admin.utils import quote
from django.db import connection
from django.test import Client

from approvals.clock import database_now
from approvals.models import ProposedAction
from tests.bench.floor import Floor, record, snapshot
from tests.bench.history import History
from tests.bench.quotes import Quotes, furnished, seconds, tiny_commit
from tests.bench.where import counted
from workflows_app.delivery.email import deliver_emails
from workflows_app.management.demo.world import World
from workflows_app.models import VerifyResult, WorkflowRun
from workflows_app.netsuite.push import drain_pushes
from workflows_app.runner.verify import run_due
from workflows_app.triggers.tick import tick
from workflows_app.triggers.work import work

SIZES = (1_000, 20_000)
_CHECKS = 10_000
_NAMES = 10
# Pages of one row are about one of a finished run and about what waits.
PAGES = {
    "front page": "/",
    "inbox": "/inbox/",
    "inbox, of a customer": "/inbox/?q=springfield",
    "card": "/approvals/proposedaction/{proposal}/change/",
    "contract": "/workflows_app/workflowcontract/{contract}/change/",
    "run": "/workflows_app/workflowrun/{run}/change/",
    "memory": "/memory/",
    "memory, a word": "/memory/?q=springfield",
    "proposals": "/approvals/proposedaction/",
    "proposals, pending": "/approvals/proposedaction/?status__exact=pending",
    "proposals, one kind": "/approvals/proposedaction/?action_type=quote_email",
    "proposals, page 2": "/approvals/proposedaction/?p=2",
    "proposals, rejected": "/approvals/proposedaction/?status__exact=rejected",
    "proposals, pending, one kind": "/approvals/proposedaction/?status__exact=pending&action_type=quote_email",
    "proposals, of a customer": "/approvals/proposedaction/?q=springfield",
    "proposals, nothing found": "/approvals/proposedaction/?q=nothing+has+this",
    "runs": "/workflows_app/workflowrun/",
    "runs, completed": "/workflows_app/workflowrun/?status__exact=completed",
    "runs, failed": "/workflows_app/workflowrun/?status__exact=failed",
    "runs, of a customer": "/workflows_app/workflowrun/?q=springfield",
    "runs, by a beginning": "/workflows_app/workflowrun/?q=0",
    "decisions": "/approvals/decision/",
    "steps": "/workflows_app/workflowstep/",
    "steps, failed": "/workflows_app/workflowstep/?status__exact=failed",
    "steps, of a run": "/workflows_app/workflowstep/?q={run}",
    "history": "/workflows_app/runhistory/",
    "run logs": "/workflows_app/runlog/",
    "reflexions": "/workflows_app/reflexionlog/",
    "verify results": "/workflows_app/verifyresult/",
    "verify results, bad": "/workflows_app/verifyresult/?status__in=fail,timeout",
    "events": "/workflows_app/event/",
    "pushes": "/workflows_app/pendingpush/",
    "pushes, of a record": "/workflows_app/pendingpush/?q=cs-est-0",
    "letters": "/workflows_app/outboundemail/",
    "letters, uncertain": "/workflows_app/outboundemail/?status=uncertain",
}
Figure = tuple[str, float]
# Pages of the buffer that this database has touched; SQLite keeps no such count.
_TOUCHED = "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"


def finished(world: World, quotes: Quotes) -> Floor:
    """One run from its start to its last check, its letter sent and its push confirmed: what all that wrote."""
    before = snapshot()
    quotes.run()
    run = WorkflowRun.objects.latest("queued_at")
    world.approve_all(run.pk)
    world.verify(database_now() + timedelta(minutes=20))
    waiting = list(VerifyResult.objects.filter(run=run, status="pending").values_list("name", flat=True))
    if waiting:
        raise RuntimeError(f"checks of the run that is to be repeated are still pending: {waiting}")
    return record([before, snapshot()])


class Growth:
    """Measures everything at the size that is stored."""

    def __init__(self, world: World, rounds: int, checks: int) -> None:
        self._quotes = Quotes(world)
        self._rounds, self._checks = rounds, checks
        self._client = Client(headers={"host": "localhost"})
        self._client.force_login(world.mike)
        for _ in range(3):
            self._quotes.run()
        self.history = History.of(finished(world, self._quotes))

    def measure(self) -> Iterator[Figure]:
        """Every figure by its name; milliseconds unless the name says otherwise."""
        settle()
        yield "bare commit", _median(tiny_commit, self._rounds * 10)
        touched = pages_touched()
        phases = list(zip(*(self._quotes.run() for _ in range(self._rounds)), strict=True))
        yield "quote: database pages touched", (pages_touched() - touched) / self._rounds
        yield "quote: start → gate", 1000 * statistics.median(phases[0])
        yield "quote: decide", 1000 * statistics.median(phases[1])
        yield "quote: apply → done", 1000 * statistics.median(phases[2])
        settle()
        for name, action in _IDLE.items():
            yield f"{name}, nothing to do", _median(action, self._rounds)
            yield f"{name}: statements", _statements(action)
        yield f"verify, {self._checks:,} due: ms a check", self._verify()
        rows = self._rows()
        for name, url in PAGES.items():
            yield from self._page(name, url.format_map(rows))

    def _rows(self) -> dict[str, Any]:
        """A row of each page that is about one."""
        waiting = ProposedAction.objects.filter(status="pending").latest("expires_at")
        run = WorkflowRun.objects.filter(status="completed").latest("queued_at")
        return {"proposal": quote(waiting.pk), "run": run.pk, "contract": run.contract_id}

    def _page(self, name: str, url: str) -> Iterator[Figure]:
        def get() -> int:
            answer = self._client.get(url)
            if answer.status_code != 200:
                raise RuntimeError(f"{url}: {answer.status_code}")
            return len(answer.content)

        yield f"page {name}: kB", get() / 1000
        times = sorted(seconds(get) for _ in range(self._rounds))
        yield f"page {name}: p50", 1000 * statistics.median(times)
        yield f"page {name}: p95", 1000 * times[int(0.95 * (len(times) - 1))]
        yield f"page {name}: statements", _statements(get)

    def _verify(self) -> float:
        """One pass of the verify scheduler over checks that are due and hold."""
        model = VerifyResult.objects.filter(kind="sql", status="pass").first()
        assert model is not None
        now, name = database_now(), f"bench {perf_counter()}"
        runs = list(WorkflowRun.objects.values_list("pk", flat=True)[: self._checks // _NAMES])
        due = {"kind": "sql", "spec": model.spec, "window_seconds": 1, "due_at": now, "created_at": now}
        VerifyResult.objects.bulk_create(
            [
                VerifyResult(run_id=run, name=f"{name} {number}", give_up_at=now + timedelta(hours=1), **due)
                for number in range(_NAMES)
                for run in runs
            ],
            batch_size=500,
        )
        started = perf_counter()
        counts = run_due(now)
        took = perf_counter() - started
        if set(counts) != {"pass"} or counts["pass"] < _NAMES * len(runs):  # more: those of quotes came due
            raise RuntimeError(f"the checks ended as {counts}")
        return 1000 * took / counts["pass"]


def settle() -> None:
    """Do whatever waits, so that nothing is left to do; and no doorbell that nobody hears."""
    tick(database_now())
    while work():
        pass
    for pending in ProposedAction.objects.filter(status="approved", outcome="approved"):
        raise RuntimeError(f"{pending.pk} was not applied")
    deliver_emails()
    drain_pushes()
    run_due(database_now())
    tick(database_now())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_q_ormq")


_IDLE: dict[str, Callable[[], Any]] = {
    "tick": lambda: tick(database_now()),
    "work": lambda: work(),
    "letters": lambda: deliver_emails(),
    "pushes": lambda: drain_pushes(),
    "verify": lambda: run_due(database_now()),
}


def pages_touched() -> float:
    """Pages of the database that were read or found in memory since it began; 0 where nobody counts."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(_TOUCHED)
        return float(cursor.fetchone()[0])


def _median(action: Callable[[], Any], rounds: int) -> float:
    return 1000 * statistics.median(seconds(action) for _ in range(rounds))


def _statements(action: Callable[[], Any]) -> float:
    counts: Counter[str] = Counter()
    with counted(counts):
        action()
    return float(counts.total())


def report(sizes: Sequence[int], columns: Sequence[dict[str, float]]) -> Iterator[str]:
    """One line per figure, one column per size, and the last beside the first."""
    yield f"{'':40}" + "".join(f"{size:>12,}" for size in sizes) + f"{'last/first':>12}"
    for name in columns[0]:
        values = [column[name] for column in columns]
        ratio = values[-1] / values[0] if values[0] else 1.0
        yield f"{name:40}" + "".join(f"{value:12.2f}" for value in values) + f"{ratio:12.2f}"


def table(column: dict[str, float]) -> Iterator[str]:
    """The pages of one size, a line each: the aim is a p95 under 300 ms and a constant number of statements."""
    yield f"{'page':40}{'p50, ms':>10}{'p95, ms':>10}{'kB':>10}{'statements':>12}"
    for name in PAGES:
        p50, p95, size, count = (column[f"page {name}: {what}"] for what in ("p50", "p95", "kB", "statements"))
        yield f"{name:40}{p50:10.0f}{p95:10.0f}{size:10.0f}{count:12.0f}"


def main() -> None:
    """Grow and measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--checks", type=int, default=_CHECKS)
    options = parser.parse_args()
    columns = []
    with furnished() as world:
        growth = Growth(world, options.rounds, options.checks)
        many = growth.history.rows_of_a_run
        print(f"{connection.vendor}: each finished run left {many} rows; times in ms, {options.rounds} rounds")  # noqa: T201
        for size in sorted(options.sizes):
            filled = seconds(lambda size=size: growth.history.grow(size))
            print(f"{size:,} runs stored in {filled:.0f} s", flush=True)  # noqa: T201
            columns.append(dict(growth.measure()))
            print(*report(sorted(options.sizes)[: len(columns)], columns), sep="\n", flush=True)  # noqa: T201
        print(*table(columns[-1]), sep="\n", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

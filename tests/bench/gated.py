"""`python -m tests.postgres python -m tests.bench.gated [--runs N]`: bulk approval while clusters are killed.

N gated runs of `new_customer` wait for a decision; all are approved, one after the other, while three clusters work and
every ten seconds one of them is killed (SIGKILL, all its processes at once) and started again. When all have ended,
what is in the tables is compared with what the plans say, row by row.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from approvals import services
from approvals.models import ProposedAction, Verdict
from approvals.principals import Principal
from tests.functional.installation import ROOT, Database, Installation, installed
from workflows_app.models import WorkflowContract
from workflows_app.triggers import manual

_ENDED = "('completed', 'partial', 'failed', 'blocked', 'rejected', 'expired', 'cancelled')"
# Where the effects of `new_customer` go, and the column that holds the id which the plan gives.
_PLACES = {
    "customers": "id",
    "customer_profiles": "customer_id",
    "customer_programs": "id",
    "ns_pending_pushes": "id",
    "proposed_actions": "id",
}
_POLL_SECONDS = 0.2
_AT_MOST_SECONDS = 1800


class Cluster:
    """One cluster as its keeper runs it, in processes of its own."""

    def __init__(self, installation: Installation, number: int) -> None:
        self._installation, self._log = installation, installation.folder / f"cluster{number}.log"
        self._keeper = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "config.cluster"]
            return subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._installation.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """All its processes at once, as when a machine dies."""
        groups = [self._keeper.pid, *_children(self._keeper.pid)]
        for group in groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        self._keeper.wait()

    def renew(self) -> None:
        """Kill it and start it again."""
        self.kill()
        self._keeper = self._start()


def _children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if path.read_text(errors="replace").rpartition(") ")[2].split()[1] == str(pid):
                found.append(int(path.parent.name))
    return found


def start(count: int) -> None:
    """Bring runs to their gates, each for a customer that is like no other."""
    contract = WorkflowContract.objects.get(workflow_type="new_customer", active=True)
    mike = Principal.person(User.objects.get(username="mike"))
    for _ in range(count):
        name = uuid.uuid4().hex
        inputs = {
            "company_name": name,
            "contact_email": f"{name}@example.org",
            "billing_address": "1 Main Street\nTroy, NY 12180",
        }
        manual.start(contract, inputs, principal=mike, source="bench")


def approve() -> None:
    """Approve every gate that waits, until none does."""
    mike = User.objects.get(username="mike")
    gates = ProposedAction.objects.filter(status="pending", action_type="workflow_new_customer")
    while waiting := list(gates.order_by("proposed_at", "pk").values_list("pk", "digest")):
        for proposal_id, digest in waiting:
            services.decide(proposal_id, Verdict.APPROVE, user=mike, channel="bench", digest=digest)


def planned(database: Database) -> dict[str, set[str]]:
    """The ids that the runs' plans give, by table."""
    found: dict[str, set[str]] = {table: set() for table in _PLACES}
    for (plan,) in database.execute("SELECT plan FROM workflow_runs"):
        for effect in (effect for step in json.loads(plan) for effect in step["effects"]):
            found[_table(effect)].add(effect["id"])
    return found


def _table(effect: dict[str, Any]) -> str:
    tables = {"netsuite.push": "ns_pending_pushes", "proposal.stage": "proposed_actions"}
    return str(effect.get("table") or tables[effect["kind"]])


def counted(database: Database) -> dict[str, Counter[str]]:
    """How often each id is there, by table; gates are no effects."""
    return {
        table: Counter(key for (key,) in database.execute(f"SELECT {column} FROM {table} WHERE {_effects_only(table)}"))
        for table, column in _PLACES.items()
    }


def _effects_only(table: str) -> str:
    return "step <> ''" if table == "proposed_actions" else "1 = 1"


def compared(database: Database, before: dict[str, Counter[str]]) -> Iterator[str]:
    """A line for each table: planned, there, lost, doubled."""
    after, plan = counted(database), planned(database)
    yield f"{'':20}{'planned':>9}{'there':>9}{'lost':>6}{'doubled':>9}"
    for table, ids in plan.items():
        new = after[table] - before[table]
        lost, doubled = len(ids - new.keys()), new.total() - len(ids & new.keys())
        yield f"{table:20}{len(ids):9}{new.total():9}{lost:6}{doubled:9}"
    for name, sql in _ONCE_A_RUN.items():
        runs = database.value("SELECT COUNT(*) FROM workflow_runs")
        counts = dict(database.execute(sql))
        lost, doubled = runs - len(counts), sum(counts.values()) - len(counts)
        yield f"{name:20}{runs:9}{sum(counts.values()):9}{lost:6}{doubled:9}"


_ONCE_A_RUN = {
    "run logs": "SELECT run_id, COUNT(*) FROM workflow_run_log GROUP BY run_id",
    "end of run events": "SELECT run_id, COUNT(*) FROM event_ledger WHERE event_type = 'workflow.completed' "
    "GROUP BY run_id",
    "approvals": "SELECT run_id, COUNT(*) FROM decisions d JOIN proposed_actions p ON p.id = d.proposal_id "
    "WHERE d.verdict = 'approve' GROUP BY run_id",
}


def work_through(installation: Installation, clusters: int, every: float, rotate: bool) -> int:
    """Approve everything, and wait until every run has ended; how many clusters were killed meanwhile."""
    running = [Cluster(installation, number) for number in range(clusters)]
    approving = _apart(installation, "--approve")
    kills, began = 0, time.monotonic()
    try:
        while approving.poll() is None or _open(installation.database):
            if time.monotonic() > began + (kills + 1) * every:
                running[kills % clusters if rotate else 0].renew()
                kills += 1
            if time.monotonic() > began + _AT_MOST_SECONDS:
                raise RuntimeError(f"{_open(installation.database)} runs have not ended")
            time.sleep(_POLL_SECONDS)
    finally:
        for cluster in running:
            cluster.kill()
        approving.kill()
    if approving.wait():
        raise RuntimeError(f"approving ended with {approving.returncode}")
    return kills


def _open(database: Database) -> int:
    return int(database.value(f"SELECT COUNT(*) FROM workflow_runs WHERE status NOT IN {_ENDED}"))


def _apart(installation: Installation, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.bench.gated", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=installation.environment)


def times(database: Database) -> Iterator[str]:
    """How long from decision to end, and how many a second."""
    moment = "julianday({}) * 86400" if database.url.startswith("sqlite") else "EXTRACT(EPOCH FROM {})::float"
    sql = (
        f"SELECT {moment.format('d.decided_at')}, {moment.format('r.completed_at')} FROM workflow_runs r "
        "JOIN decisions d ON d.proposal_id = r.proposal_id WHERE d.verdict = 'approve'"
    )
    rows = database.execute(sql)
    took = sorted(end - decided for decided, end in rows)
    whole = max(end for _, end in rows) - min(decided for decided, _ in rows)
    yield f"{len(rows) / whole:.1f} runs/s from the first approval to the last end ({whole:.1f} s)"
    p50, p95 = (took[int(share * (len(took) - 1))] for share in (0.5, 0.95))
    yield f"approve → done: p50 {p50:.2f} s, p95 {p95:.2f} s, longest {took[-1]:.2f} s"


@contextmanager
def _furnished() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, installed(Path(folder)) as installation:
        yield installation


def report(runs: int, clusters: int, every: float, rotate: bool) -> Iterator[str]:
    """Do it all, line by line."""
    with _furnished() as installation:
        database = installation.database
        before = counted(database)
        began = time.monotonic()
        if _apart(installation, "--start", str(runs)).wait():
            raise RuntimeError("the runs could not be started")
        yield f"{runs} runs brought to their gates in {time.monotonic() - began:.1f} s, by one process"
        kills = work_through(installation, clusters, every, rotate)
        statuses = dict(database.execute("SELECT status, COUNT(*) FROM workflow_runs GROUP BY status"))
        yield f"{clusters} clusters of 2 workers, {kills} kills; the runs ended as {statuses}"
        yield from times(database)
        yield from compared(database, before)


def main() -> None:
    """Measure; `--start` and `--approve` are for its own other processes."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.gated", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--clusters", type=int, default=3)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two kills")
    parser.add_argument("--rotate", action="store_true", help="kill another one each time")
    parser.add_argument("--start", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--approve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.start:
        start(options.start)
    elif options.approve:
        approve()
    else:
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # nothing is left running
        for line in report(options.runs, options.clusters, options.every, options.rotate):
            print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

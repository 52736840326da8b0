"""`python -m tests.bench.sync [--sizes N …]`: how fast NetSuite is read into the mirror, and in how much memory.

For every size (transactions; a tenth as many customers) a process of its own, so that its peak memory is its own, reads
a sandbox that runs in another process: first everything, then again when nothing has changed, then after ten changes.
On the configured kind of database: a file with the product's settings, or PostgreSQL.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["DEBUG"] = "false"  # Django would keep every statement
django.setup()

import httpx  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import override_settings  # noqa: E402

from workflows_app.models import Customer, Transaction, TransactionLine  # noqa: E402
from workflows_app.netsuite.client import connect  # noqa: E402
from workflows_app.netsuite.sandbox.filling import fill  # noqa: E402
from workflows_app.netsuite.sandbox.large import large_tables  # noqa: E402
from workflows_app.netsuite.sandbox.server import Sandbox  # noqa: E402
from workflows_app.netsuite.sync.kinds import CHANGES  # noqa: E402
from workflows_app.netsuite.sync.passes import run_pass  # noqa: E402

SIZES = (10_000, 100_000)
CHANGED = 10
_HEAD = f"{'transactions':>12}  {'pass':18}{'rows read':>10}{'written':>9}{'calls':>7}{'seconds':>9}{'rows/s':>8}"


def serve(folder: Path, size: int) -> None:
    """Be the sandbox of a company of this size until stdin closes; prints the settings that lead to it."""
    moment = datetime.now(UTC) - timedelta(days=3)  # all of it older than the overlap of two windows
    with Sandbox(folder) as sandbox:
        fill(sandbox.account.store, large_tables(moment, customers=size // 10, transactions=size), moment)
        print(json.dumps(sandbox.django_settings), flush=True)  # noqa: T201
        sys.stdin.read()


class Memory:
    """How much memory this process has to itself, sampled after every page: without files that are only mapped."""

    def __init__(self) -> None:
        self.before = self.most = self._now()

    def sample(self) -> None:
        """Remember the most."""
        self.most = max(self.most, self._now())

    def found(self) -> dict[str, float]:
        """In MB."""
        return {"before": self.before, "peak": self.most}

    def _now(self) -> float:
        """Linux tells; elsewhere it is the most that there ever was, with mapped files."""
        status = Path("/proc/self/status")
        if status.exists():
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
            return int(fields["RssAnon"].split()[0]) / 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one(size: int) -> dict[str, Any]:
    """The passes over a company of one size, in this process."""
    with database(), sandbox(size) as address:
        memory = Memory()
        passes = [("everything", _timed(memory)), ("nothing changed", _timed(memory))]
        with connect() as client:
            for number in range(1, CHANGED // 2 + 1):
                client.update("customer", str(number), {"companyName": f"Renamed {number}"})
                client.update("invoice", str(number), {"memo": "Renamed"})
        passes.append((f"{CHANGED} changed", _timed(memory)))
        rows = [Customer.objects.count(), Transaction.objects.count(), TransactionLine.objects.count()]
        most = httpx.get(f"{address}/sandbox/").json()["concurrency"]["most"]
        return {"size": size, "passes": passes, "rows": rows, "most": most} | memory.found()


def _timed(memory: Memory) -> dict[str, Any]:
    started = perf_counter()
    row = run_pass(CHANGES, report=lambda row: memory.sample())
    seconds = perf_counter() - started
    memory.sample()
    if row is None or row.status != "completed":
        raise SystemExit(f"The pass did not complete: {row and row.error}")
    return {"read": row.rows_read, "written": row.rows_upserted, "calls": row.http_calls, "seconds": seconds}


@contextmanager
def database() -> Iterator[None]:
    """An empty database of its own: on disk, with the product's settings."""
    original = str(connection.settings_dict["NAME"])
    with tempfile.TemporaryDirectory(prefix="bench-", dir=settings.VAR_DIR) as folder:
        if connection.vendor == "sqlite":  # Django's test databases live in memory
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(original, verbosity=0)


@contextmanager
def sandbox(size: int) -> Iterator[str]:
    """A sandbox in another process, to which the settings lead; its address."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        command = [sys.executable, "-m", "tests.bench.sync", "--serve", folder, "--sizes", str(size)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            address = json.loads(server.stdout.readline())
            with override_settings(NETSUITE={**settings.NETSUITE, "ACCOUNT": "", **address}):
                yield address["URL"]
            server.stdin.close()


def report(found: dict[str, Any]) -> Iterator[str]:
    """The passes of one size, and the memory they took."""
    for name, one_pass in found["passes"]:
        speed = one_pass["read"] / one_pass["seconds"]
        yield (
            f"{found['size']:12}  {name:18}{one_pass['read']:10}{one_pass['written']:9}{one_pass['calls']:7}"
            f"{one_pass['seconds']:9.1f}{speed:8.0f}"
        )
    customers, transactions, lines = found["rows"]
    yield (
        f"{'':12}  mirror: {customers} customers, {transactions} transactions, {lines} lines; "
        f"peak memory {found['peak']:.0f} MB, {found['peak'] - found['before']:.0f} MB more than before; "
        f"at most {found['most']} request(s) at a time"
    )


def main() -> None:
    """Measure every size in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sync", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.sizes[0])
    elif options.one:
        print(json.dumps(one(options.sizes[0])))  # noqa: T201
    else:
        print(f"{connection.vendor}: NetSuite → mirror\n{_HEAD}")  # noqa: T201
        for size in options.sizes:
            command = [sys.executable, "-m", "tests.bench.sync", "--one", "--sizes", str(size)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            print(*report(json.loads(done.stdout)), sep="\n")  # noqa: T201


if __name__ == "__main__":
    main()

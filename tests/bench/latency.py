"""`python -m tests.bench.latency [--rounds N]`: from a doorbell to the start of its task, on a real cluster.

One cluster of two workers on a database of its own, otherwise idle. A worker's start is read from the file that it
touches for the canary, on the machine's monotonic clock. First doorbells that ring at once; then those of a retry, due
1.5 seconds later, while others ring at once in between: a wait must not take a worker away from them.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from tests.functional.installation import ROOT, Installation, installed
from workflows_app.runner.enqueue import BEATS, ring

PARTS = ("sentinel", "pusher", "worker", "monitor")
RETRY = 1.5
_PATIENCE = 60.0
_LOOK_SECONDS = 0.002
# Of other lengths than the pusher's pause of 0.2 seconds, so that each moment between two of its looks is met.
_PAUSES = (0.25, 0.75)


def started_after(moment: float) -> float:
    """When a task was first started after `moment`, in monotonic seconds."""
    path, end = Path(os.environ[BEATS], "worker"), time.monotonic() + _PATIENCE
    while (seen := path.stat().st_mtime) <= moment:
        if time.monotonic() > end:
            raise RuntimeError("no worker has started the task")
        time.sleep(_LOOK_SECONDS)
    return seen


def at_once() -> float:
    """Seconds from asking to the start."""
    time.sleep(random.uniform(*_PAUSES))
    asked = time.monotonic()
    ring("dispatch_events")
    return started_after(asked) - asked


def retried() -> tuple[float, float]:
    """Seconds of a doorbell in between, and how many seconds after its moment a retry starts."""
    due = time.monotonic() + RETRY
    ring("dispatch_events", delay=timedelta(seconds=RETRY))
    between = at_once()
    return between, started_after(due) - due


def measure(rounds: int) -> Iterator[str]:
    """The figures of each kind, in milliseconds."""
    at_once()  # the first one opens connections
    yield _line("enqueue → start", [at_once() for _ in range(rounds)])
    retries = [retried() for _ in range(rounds // 2)]
    yield _line("… while retries wait", [between for between, _ in retries])
    yield _line(f"retry of {RETRY:.1f} s, late by", [late for _, late in retries])


def _line(name: str, seconds: Sequence[float]) -> str:
    in_order = sorted(1000 * one for one in seconds)
    p95 = in_order[int(0.95 * (len(in_order) - 1))]
    return f"{name:26}{statistics.median(in_order):8.0f}{p95:8.0f}{in_order[-1]:8.0f}{len(in_order):6}"


@contextmanager
def _cluster(installation: Installation) -> Iterator[None]:
    """A cluster without schedules; it is ready when its pusher looks for tasks."""
    installation.database.execute("DELETE FROM django_q_schedule")
    beats = installation.folder / "beats"
    beats.mkdir()
    for part in PARTS:
        (beats / part).touch()
        os.utime(beats / part, times=(0, 0))
    installation.environment[BEATS] = str(beats)
    command = [sys.executable, "manage.py", "qcluster"]
    cluster = subprocess.Popen(command, cwd=ROOT, env=installation.environment, start_new_session=True)
    try:
        end = time.monotonic() + _PATIENCE
        while not (beats / "pusher").stat().st_mtime:
            if time.monotonic() > end:
                raise RuntimeError("the cluster has not started")
            time.sleep(_LOOK_SECONDS)
        yield
    finally:
        cluster.terminate()
        cluster.wait()


def report(rounds: int) -> None:
    """Measure in a process of its own, whose database is the cluster's."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, installed(Path(folder)) as installation:
        vendor = installation.database.url.partition(":")[0]
        _say(f"{vendor}: one cluster of two workers, milliseconds")
        _say(f"{'':26}{'median':>8}{'p95':>8}{'longest':>8}{'n':>6}")
        with _cluster(installation):
            command = [sys.executable, "-m", "tests.bench.latency", "--ring", "--rounds", str(rounds)]
            subprocess.run(command, cwd=ROOT, env=installation.environment, check=True)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def main() -> None:
    """Measure; `--ring` is for its own other process."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.latency", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--ring", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.ring:
        report(options.rounds)
        return
    for line in measure(options.rounds):
        _say(line)


if __name__ == "__main__":
    main()

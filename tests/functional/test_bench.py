"""The benchmark runs and reports; how fast is not for a test to say."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

pytestmark = pytest.mark.once


def test_the_benchmark_measures_real_runs_beside_the_floor() -> None:
    command = [sys.executable, "-m", "tests.bench.quotes", "--rounds", "2", "--profile"]

    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=600, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{connection.vendor}: customer_quote")
    assert "tables and 3 commits." in done.stdout
    for line in ("whole run", "runs/s", "bare commits/s", "Statements of each phase", "runner/advance.py"):
        assert line in done.stdout


def test_the_benchmark_of_the_sync_reads_everything_once_and_then_only_what_changed() -> None:
    command = [sys.executable, "-m", "tests.bench.sync", "--sizes", "300"]

    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=600, check=False)

    assert done.returncode == 0, done.stderr
    everything, nothing, changed = (line.split() for line in done.stdout.splitlines()[2:5])
    assert everything[1:4] == ["everything", "640", "640"]
    assert nothing[1:5] == ["nothing", "changed", "0", "0"]
    assert changed[1:5] == ["10", "changed", "15", "10"]
    assert "mirror: 30 customers, 300 transactions, 300 lines; peak memory" in done.stdout


def test_the_benchmark_of_bulk_approval_counts_what_the_plans_say() -> None:
    command = [sys.executable, "-m", "tests.bench.gated", "--runs", "4", "--clusters", "1", "--every", "600"]

    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=600, check=False)

    assert done.returncode == 0, done.stderr
    assert "1 clusters of 2 workers, 0 kills; the runs ended as {'completed': 4}" in done.stdout
    for table in ("customers", "ns_pending_pushes", "proposed_actions", "end of run events"):
        (found,) = [each for each in done.stdout.splitlines() if each.startswith(table + "  ")]
        assert found[20:].split() == ["4", "4", "0", "0"]

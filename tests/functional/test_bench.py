"""The benchmark runs and reports; how fast is not for a test to say."""

import subprocess
import sys

from django.conf import settings
from django.db import connection


def test_the_benchmark_measures_real_runs_beside_the_floor() -> None:
    command = [sys.executable, "-m", "tests.bench.quotes", "--rounds", "2", "--profile"]

    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{connection.vendor}: customer_quote")
    assert "tables and 3 commits." in done.stdout
    for line in ("whole run", "runs/s", "bare commits/s", "Statements of each phase", "runner/advance.py"):
        assert line in done.stdout

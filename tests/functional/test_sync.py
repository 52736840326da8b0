"""Reading NetSuite in a real process that is killed again and again: nothing is lost, nothing comes twice."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.functional.installation import ROOT, Installation, eventually, installed
from workflows_app.management.demo_data import demo_rows
from workflows_app.netsuite.sandbox.filling import fill
from workflows_app.netsuite.sandbox.server import Sandbox

pytestmark = pytest.mark.once

TABLES = {
    "transactions": "SELECT id, type, tranid, customer_id, vendor_id, foreigntotal, foreignamountunpaid, status",
    "transaction_lines": "SELECT id, transaction_id, line, item_code, description, quantity, rate, amount",
    "customer_payments": "SELECT payment_id, customer_id, transaction_id, amount, payment_date",
}
KILLS = 4


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """The demo company, and a NetSuite that knows it."""
    with Sandbox(tmp_path / "netsuite") as sandbox, installed(tmp_path) as found:
        moment = datetime.now(UTC)
        fill(sandbox.account.store, dict(demo_rows(moment)), moment)
        found.environment |= {
            "NETSUITE_SANDBOX_PORT": str(sandbox.port),
            "NETSUITE_SANDBOX_FOLDER": str(sandbox.folder),
            "NETSUITE_ACCOUNT": "",
            "NETSUITE_URL": "",
        }
        yield found


def ledger(installation: Installation) -> dict[str, list[tuple[object, ...]]]:
    """Everything that is read here."""
    return {name: sorted(installation.database.execute(f"{sql} FROM {name}"), key=str) for name, sql in TABLES.items()}


def kill_in_the_middle(installation: Installation) -> None:
    """Start reading, kill -9 after some pages, and let the leases of the dead run out."""
    pages = "SELECT COALESCE(SUM(pages), 0) FROM sync_log WHERE sync_type = 'full'"
    before = installation.database.value(pages)
    with subprocess.Popen(
        [sys.executable, "manage.py", "sync_netsuite", "--full"],
        cwd=ROOT,
        env=installation.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        eventually("some pages", lambda: installation.database.value(pages) >= before + 3)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    installation.database.execute("UPDATE sync_log SET lease_until = started_at WHERE status = 'running'")
    installation.database.execute("UPDATE netsuite_slots SET lease_owner = '', lease_until = NULL")


def test_killed_again_and_again_it_still_reads_everything_once(installation: Installation) -> None:
    before = ledger(installation)
    for name in TABLES:
        installation.database.execute(f"DELETE FROM {name}")

    for _ in range(KILLS):
        kill_in_the_middle(installation)
    installation.manage("sync_netsuite", "--full")

    passes = installation.database.execute(
        "SELECT status, pages FROM sync_log WHERE sync_type = 'full' ORDER BY started_at"
    )
    assert [status for status, _ in passes] == ["interrupted"] * KILLS + ["completed"]
    assert all(pages >= 3 for _, pages in passes[:KILLS])
    after = ledger(installation)
    for name, rows in before.items():
        assert after[name] == rows, name

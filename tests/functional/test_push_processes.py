"""A process that is killed while a record is on its way to NetSuite: the record is there once, whatever happened."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.functional.installation import ROOT, Installation, eventually, installed

pytestmark = pytest.mark.once
_LONG_AGO = "2020-01-01 00:00:00+00:00"


@pytest.fixture(scope="module")
def countersign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation beside its NetSuite sandbox; what delivers are commands."""
    with installed(tmp_path_factory.mktemp("countersign")) as installation:
        installation.start("netsuite")
        eventually("the sandbox answers", lambda: _answers(installation))
        yield installation


def _answers(countersign: Installation) -> bool:
    try:
        return httpx.get(f"{countersign.netsuite}/", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _sandbox(countersign: Installation, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{countersign.netsuite}/{path}", trust_env=False, timeout=30).json()
    return found


def _approved_customer(countersign: Installation, name: str) -> None:
    """A new customer whose gate is approved and whose push waits."""
    inputs = {"company_name": name, "contact_email": f"{name}@example.org", "billing_address": "1 Main Street"}
    run = countersign.read("start_run", "new_customer", "--input", json.dumps(inputs))
    (card,) = [one for one in countersign.read("proposals", "--status", "pending") if one["id"] == run["proposal_id"]]
    countersign.manage("decide", card["id"], "approve", "--as", "mike", "--digest", card["digest"])
    countersign.manage("work", "--once")


def _killed_delivery(countersign: Installation, arrived: Any) -> None:
    """`deliver` in a process that is killed once `arrived` is true."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "deliver"], cwd=ROOT, env=countersign.environment, stdout=subprocess.DEVNULL
    )
    try:
        eventually("the request arrived", arrived)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("fault", "method"),
    [("late_commit", "PUT"), ("drop_before_commit", "PUT"), ("delay", "GET")],
)
def test_a_killed_delivery_loses_and_doubles_nothing(countersign: Installation, fault: str, method: str) -> None:
    name = f"{fault}-{method}".lower()
    _approved_customer(countersign, name)
    rule = {"fault": fault, "method": method, "path": "*/record/*", "seconds": 2}
    httpx.post(f"{countersign.netsuite}/faults", json=rule, trust_env=False)
    seen = len(_sandbox(countersign, "arrived"))

    _killed_delivery(countersign, lambda: any(one["fault"] for one in _sandbox(countersign, "arrived")[seen:]))
    countersign.database.execute("UPDATE ns_pending_pushes SET next_attempt_at = NULL, sent_at = NULL")
    for table in ("ns_pending_pushes", "netsuite_slots"):
        countersign.database.execute(f"UPDATE {table} SET lease_until = %s WHERE lease_until IS NOT NULL", _LONG_AGO)
    countersign.manage("deliver")

    eventually("nothing is under way", lambda: _quiet(countersign))
    records = [one for one in _sandbox(countersign, "records/customer") if one["companyName"] == name]
    status = countersign.database.value("SELECT status FROM ns_pending_pushes ORDER BY created_at DESC LIMIT 1")
    row = countersign.database.execute("SELECT ns_id, entitystatus FROM customers WHERE companyname = %s", name)
    assert len(records) == 1
    assert status == "applied"
    assert row == [(records[0]["id"], "active")]


def _quiet(countersign: Installation) -> bool:
    slow = ("delay", "late_commit")
    return all(one["status"] or one["fault"] not in slow for one in _sandbox(countersign, "arrived"))

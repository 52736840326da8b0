"""`sync_netsuite`: what it prints, its exit codes, and what it leaves in `sync_log`."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from approvals.clock import database_now
from workflows_app.models import Customer, SyncLog
from workflows_app.netsuite.client import connect
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.netsuite.sync.kinds import CHANGES, FULL, HOT
from workflows_app.netsuite.sync.log import LEASE


class Terminal(StringIO):
    """Somebody is watching."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def netsuite(db: None, settings: Settings, tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox with one customer."""
    with Sandbox(tmp_path / "sandbox") as running:
        settings.NETSUITE = {**settings.NETSUITE, **running.django_settings}
        with connect() as client:
            client.create("customer", {"companyName": "Café Ñandú"})
        yield running


def run(*arguments: str, output: StringIO | None = None) -> str:
    """What the command prints."""
    output = output or StringIO()
    call_command("sync_netsuite", *arguments, stdout=output)
    return output.getvalue()


def test_changes_are_read_and_then_the_receivables(netsuite: Sandbox) -> None:
    printed = run()

    assert Customer.objects.get().companyname == "Café Ñandú"
    assert list(SyncLog.objects.order_by("pk").values_list("sync_type", "status")) == [
        (CHANGES, "completed"),
        (HOT, "completed"),
    ]
    assert "scheduled_hot_transactions: completed; 1 rows read, 1 written, 0 deleted, 1 pages" in printed


def test_json_is_all_that_is_printed(netsuite: Sandbox) -> None:
    first, second = json.loads(run("--full", "--json"))

    assert (first["sync_type"], second["sync_type"]) == (FULL, HOT)
    assert (first["status"], first["rows_upserted"], first["error"]) == ("completed", 1, "")


def test_somebody_who_watches_sees_a_line_for_every_page(netsuite: Sandbox) -> None:
    assert "customers  page 1: 1 read, 1 written" in run(output=Terminal())
    assert "page" not in run().splitlines()[0].partition(":")[0]


def test_a_pass_that_fails_is_exit_code_1_with_a_sentence(db: None) -> None:
    with pytest.raises(CommandError, match=r"Reading from NetSuite failed: .* cannot be reached") as caught:
        run("--json")

    assert caught.value.returncode == 1


def test_a_pass_that_runs_elsewhere_is_said(netsuite: Sandbox) -> None:
    now = database_now()
    SyncLog.objects.create(
        sync_type=CHANGES, status="running", started_at=now, lease_owner="elsewhere", lease_until=now + LEASE
    )

    with pytest.raises(CommandError, match="is running already"):
        run()


def test_accepting_deletions_goes_with_a_full_pass_only(db: None) -> None:
    with pytest.raises(CommandError) as caught:
        run("--accept-deletions")

    assert caught.value.returncode == 2

"""The sandbox's command: what it fills, when it refuses; and that a killed one starts again with everything."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.unit.netsuite.sandbox.visitor import Visitor
from workflows_app.management.demo_data import load_demo_data, loaded_at
from workflows_app.models import Transaction
from workflows_app.netsuite.sandbox.server import Sandbox

pytestmark = pytest.mark.once


def _fill(folder: Path) -> str:
    out = StringIO()
    call_command("netsuite_sandbox", "--fill", folder=folder, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_it_is_filled_once_and_says_how_much(tmp_path: Path) -> None:
    assert "rows of the demo company" in _fill(tmp_path)

    with pytest.raises(CommandError, match="nothing was filled") as refused:
        _fill(tmp_path)

    assert refused.value.returncode == 1
    with Sandbox(tmp_path) as sandbox:
        assert len(sandbox.records("customer")) > 60


@pytest.mark.django_db
def test_it_is_of_the_same_day_as_the_mirror(tmp_path: Path) -> None:
    loaded = datetime.now(UTC) - timedelta(days=10)
    load_demo_data(loaded)

    _fill(tmp_path)

    assert loaded_at(datetime.now(UTC)).date() == loaded.date()
    (bill,) = Transaction.objects.filter(type="VendBill").order_by("id")[:1]
    with Sandbox(tmp_path) as sandbox:
        (found,) = [one for one in sandbox.records("vendorBill") if one["id"] == bill.id]
    assert found["tranDate"] == bill.trandate.isoformat()


@pytest.mark.django_db
def test_a_port_in_use_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "one") as running, pytest.raises(CommandError, match=f"Port {running.port} is in use"):
        call_command("netsuite_sandbox", "--empty", folder=tmp_path / "two", port=running.port, stdout=StringIO())


@contextmanager
def _served(folder: Path) -> Iterator[tuple[subprocess.Popen[str], Visitor]]:
    command = [sys.executable, "manage.py", "netsuite_sandbox", "--empty", "--port", "0", "--folder", str(folder)]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        port = int(said.partition("127.0.0.1:")[2].partition("/")[0])
        visitor = Visitor(Sandbox(folder, port=port))  # not entered: another process serves it
        yield process, visitor
        visitor.http.close()
    finally:
        process.kill()
        process.communicate()


def test_a_killed_sandbox_has_everything_that_it_confirmed(tmp_path: Path) -> None:
    with _served(tmp_path) as (process, visitor):
        for number in range(20):
            assert visitor.send("PUT", f"/customer/eid:c-{number}", {"companyName": f"C{number}"}).status_code == 204
        process.send_signal(signal.SIGKILL)
        process.wait()

    with _served(tmp_path) as (_, visitor):
        found = {visitor.read(f"/customer/eid:c-{number}")["companyName"] for number in range(20)}

    assert found == {f"C{number}" for number in range(20)}

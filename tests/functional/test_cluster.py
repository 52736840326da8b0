"""`make cluster`: several web processes and clusters on one PostgreSQL with three logins, and nothing left behind."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.functional.installation import ROOT, eventually, free_port

pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="it brings its own PostgreSQL: once is enough")
INPUTS = {"company_name": "Zq Cluster", "contact_email": "zq@example.org", "billing_address": "1 Main Street\nTroy, NY"}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What `make cluster` starts, seen from outside."""

    process: subprocess.Popen[bytes]
    log: Path
    ports: tuple[int, int, int]
    environment: dict[str, str]

    @property
    def url(self) -> str:
        """The database as the app's login sees it, once it was printed."""
        found = re.search(r"^PostgreSQL: +(\S+)$", self.log.read_text(), re.MULTILINE)
        return found[1] if found else ""

    @property
    def started(self) -> bool:
        """Whether both web processes show their login page and three clusters look at the queue."""
        assert self.process.poll() is None, self.log.read_text()
        return bool(self.url) and all(map(_answers, self.ports[:2])) and self._clusters() >= 3

    def _clusters(self) -> int:
        return sum(b"manage.py\0qcluster" in command for command in _commands(self.process.pid))

    def manage(self, *arguments: str) -> str:
        """A command of manage.py, as the app."""
        urls = {"DATABASE_URL": self.url, "DATABASE_READONLY_URL": self.url.replace("_app:", "_reader:")}
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment | urls, stdout=subprocess.PIPE, text=True, check=True, timeout=600
        ).stdout


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Started as `make cluster` does it, with data and ports of its own."""
    ports = free_port(), free_port(), free_port()
    names = ("PORT", "SECOND_PORT", "NETSUITE_SANDBOX_PORT")
    server = [sys.executable, "-m", "tests.postgres", "--keep", str(tmp_path / "pg")]
    settings = [f"{name}={port}" for name, port in zip(names, ports, strict=True)]
    environment = {
        **os.environ,
        "SECRET_KEY": "for-this-test",
        "MIKE_PASSWORD": "for-this-test",
        "MEDIA_ROOT": str(tmp_path / "artifacts"),
        "NETSUITE_SANDBOX_FOLDER": str(tmp_path / "netsuite"),
    }
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*server, "make", "cluster-parts", *settings],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    cluster = Cluster(process=process, log=log, ports=ports, environment=environment)
    try:
        eventually("everything runs", lambda: cluster.started)
        yield cluster
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
        process.wait(120)


def test_a_run_goes_through_three_clusters_and_ctrl_c_leaves_nothing_running(cluster: Cluster) -> None:
    run = json.loads(cluster.manage("start_run", "new_customer", "--input", json.dumps(INPUTS), "--json"))
    cluster.manage("decide", run["proposal_id"], "approve", "--as", "mike")
    eventually("the run is completed", lambda: _status(cluster, run["run_id"]) == "completed")
    _the_logins_may_do_what_they_need_and_no_more(cluster)

    mine = _family(cluster.process.pid)
    os.killpg(cluster.process.pid, signal.SIGINT)
    cluster.process.wait(120)

    eventually("nothing of it runs", lambda: not [pid for pid in mine if Path(f"/proc/{pid}").exists()])
    assert not any(map(_answers, cluster.ports))
    assert not (cluster.log.parent / "pg" / "postmaster.pid").exists()  # PostgreSQL is nobody's child


def _the_logins_may_do_what_they_need_and_no_more(cluster: Cluster) -> None:
    reader = cluster.url.replace("_app:", "_reader:")
    assert _refusal(reader, "SELECT COUNT(*) FROM customers") == ""
    assert "permission denied" in _refusal(reader, "SELECT COUNT(*) FROM auth_user")
    assert "read-only" in _refusal(reader, "DELETE FROM customers")
    assert "permission denied" in _refusal(cluster.url, "UPDATE decisions SET reason = ''")
    assert "permission denied" in _refusal(cluster.url, "DELETE FROM proposed_actions")
    assert "permission denied" in _refusal(cluster.url, "CREATE TABLE mine (id int)")


def _refusal(url: str, sql: str) -> str:
    with psycopg.connect(url) as connection:
        try:
            connection.execute(sql)  # type: ignore[arg-type]
        except psycopg.Error as error:
            return str(error)
    return ""


def _status(cluster: Cluster, run_id: str) -> str:
    with psycopg.connect(cluster.url) as connection:
        row = connection.execute("SELECT status FROM workflow_runs WHERE id = %s", [run_id]).fetchone()
    return row[0] if row else ""


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/login/", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _family(pid: int) -> list[int]:
    """The process ids of `pid` and of all that descends from it."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text(errors="replace").rpartition(") ")[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def _commands(pid: int) -> Iterator[bytes]:
    for member in _family(pid):
        with suppress(OSError):
            yield Path(f"/proc/{member}/cmdline").read_bytes()

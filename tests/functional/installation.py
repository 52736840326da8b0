"""Countersign as people run it: real processes on a database of their own, observed from outside.

Nothing of the code under test is in the way: rows are counted with the database's own driver, letters by a mail server.
"""

import json
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg

from tests.smtp import RecordingServer, recording_server
from workflows_app.netsuite.account import NO_ACCOUNT

ROOT = Path(__file__).parents[2]
PASSWORD = "a-password-for-mike"
_POLL_SECONDS = 0.05
_STOP_SECONDS = 60
_PATIENCE_SECONDS = 300
# Each worker of pytest has a thousand of its own, and each is taken once.
_FIRST_PORT = 10_000 + 1_000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 20)
_PORTS = iter(random.sample(range(_FIRST_PORT, _FIRST_PORT + 1_000), 1_000))


@dataclass(frozen=True, kw_only=True)
class Database:
    """A fresh database of the kind that the tests run on."""

    url: str

    def execute(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement (`%s` for a value) in a connection of its own; its rows."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(urlsplit(self.url).path[1:], timeout=20)) as connection, connection:
                return connection.execute(sql.replace("%s", "?"), values).fetchall()
        with psycopg.connect(self.url) as connection:
            cursor = connection.execute(sql, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def value(self, sql: str, *values: object) -> Any:
        """The first column of the first row, None when there is no row."""
        rows = self.execute(sql, *values)
        return rows[0][0] if rows else None


@dataclass(kw_only=True)
class Installation:
    """Commands, long-running processes of the Procfile, and what can be seen of them from outside."""

    folder: Path
    database: Database
    mail: RecordingServer
    environment: dict[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def netsuite(self) -> str:
        """Where the sandbox is, once `netsuite` is started."""
        return f"http://127.0.0.1:{self.environment['NETSUITE_SANDBOX_PORT']}/sandbox"

    @property
    def site(self) -> str:
        """Where the console is."""
        return f"http://127.0.0.1:{self.environment['PORT']}"

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py in a process of its own; what it printed. It must end with exit code 0."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=600
        )
        assert done.returncode == 0, f"{' '.join(arguments)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def read(self, *arguments: str) -> Any:
        """What a command prints with --json."""
        return json.loads(self.manage(*arguments, "--json"))

    def start(self, name: str) -> None:
        """Start a line of the Procfile in a session of its own, as honcho does; its output goes to `<name>.log`."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                _procfile()[name],
                shell=True,  # as honcho does
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self, name: str) -> int:
        """Ask a started line to end; its exit code. It must end by itself."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGTERM)
        return process.wait(_STOP_SECONDS)

    def stop_everything(self) -> None:
        """Whatever happened before, nothing of it runs on."""
        for process in self.running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.running.values():
            process.wait(_STOP_SECONDS)

    def parts_of_the_cluster(self) -> list[int]:
        """Main, sentinel, and what the sentinel keeps: the process ids of the running qcluster, oldest first."""
        alive = list(_processes())
        keepers = {pid for pid, _, group in alive if group == self.running["cluster"].pid}
        leaders = {pid for pid, parent, group in alive if group == pid and parent in keepers} - keepers
        return sorted(pid for pid, _, group in alive if group in leaders)

    def log(self, name: str) -> str:
        """What a started line printed."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def answers(self) -> bool:
        """Whether the console shows its login page."""
        try:
            return httpx.get(f"{self.site}/login/", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False


def _processes() -> Iterator[tuple[int, int, int]]:
    """Process id, parent and group of everything that runs and is not dead (Linux)."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            _, _, text = path.read_text(encoding="utf-8", errors="replace").rpartition(") ")
            state, parent, group, *_ = text.split()
            if state != "Z":
                yield int(path.parent.name), int(parent), int(group)


def eventually(what: str, condition: Callable[[], object]) -> float:
    """Wait until `condition` is truthy; the seconds it took. How fast it is, is for the benchmarks to say."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < _PATIENCE_SECONDS, f"not within {_PATIENCE_SECONDS} seconds: {what}"
        time.sleep(_POLL_SECONDS)
    return time.monotonic() - started


def free_port() -> int:
    """A port that nobody listens on, and that is given to nobody else: the system gives away those from 32768 on."""
    return next(port for port in _PORTS if _is_free(port))


def _is_free(port: int) -> bool:
    with suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """What `make run` prepares: tables, contracts, the demo company, mike and the schedules."""
    with recording_server() as mail, fresh_database(folder) as database:
        installation = Installation(
            folder=folder, database=database, mail=mail, environment=environment(folder, database, mail)
        )
        for command in ("migrate", "load_contracts", "load_demo", "set_up", "collectstatic --noinput"):
            installation.manage(*command.split())
        try:
            yield installation
        finally:
            installation.stop_everything()


def environment(folder: Path, database: Database, mail: RecordingServer) -> dict[str, str]:
    """The variables of an installation in `folder`: free ports, a NetSuite sandbox and nothing of a live one."""
    return {
        **os.environ,
        "DATABASE_URL": database.url,
        "DEBUG": "false",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
        "MEDIA_ROOT": str(folder / "artifacts"),
        "MIKE_PASSWORD": PASSWORD,
        **{f"NETSUITE_{name}": "" for name in (*NO_ACCOUNT, "URL")},
        "NETSUITE_SANDBOX_FOLDER": str(folder / "netsuite"),
        "NETSUITE_SANDBOX_PORT": str(free_port()),
        "PORT": str(free_port()),
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": uuid.uuid4().hex,
    }


def _procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    return {match[1]: match[2] for line in lines if (match := re.fullmatch(r"(\w+): (.+)", line))}


@contextmanager
def fresh_database(folder: Path) -> Iterator[Database]:
    """A new database on the PostgreSQL that the tests use, else a SQLite file."""
    configured = os.environ.get("DATABASE_URL", "")
    if not configured.startswith("postgres"):
        yield Database(url=f"sqlite:///{folder / 'countersign.sqlite3'}")
        return
    name = f"countersign_{uuid.uuid4().hex}"
    with psycopg.connect(configured, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        try:
            yield Database(url=urlsplit(configured)._replace(path=f"/{name}").geturl())
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]

"""The company that the workers work for: its database, its mail server, its NetSuite, and what forks the workers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.functional.installation import ROOT, Database, Installation, environment, fresh_database
from tests.smtp import recording_server
from workflows_app.netsuite.sandbox.server import Sandbox

LEASE_SECONDS = 2  # of a run; the others are in `waits.py`


class Zygote:
    """The process that forks workers; every call is one request to it (`zygote.py`)."""

    def __init__(self, variables: dict[str, str], log: Path) -> None:
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.functional.crash.zygote"],
                cwd=ROOT,
                env=variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def ask(self, do: str, **request: Any) -> Any:
        """Its answer. Raises when it is dead; its log says why."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **request}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """It ends, and what it forked with it."""
        self._process.communicate()


@dataclass(kw_only=True)
class Site(Installation):
    """An installation with its far ends in this process. `customers` that no order has used yet."""

    sandbox: Sandbox
    zygote: Zygote
    customers: list[dict[str, str]]

    @property
    def marks(self) -> Path:
        """Where processes leave a mark before they die."""
        return self.folder / "marks"


@contextmanager
def site(
    folder: Path, *, customers: int, clocks: int = 0, database: Database | None = None, patience: float = 30
) -> Iterator[Site]:
    """A furnished company on a fresh database of the kind that the tests run on, or on the one that is given.

    `patience`: how many seconds an answer of NetSuite may take. What is not answered in time is asked about and never
    sent again, so on a machine that stands still for a moment a short one would pass by some crash points.
    """
    with ExitStack() as stack:
        mail = stack.enter_context(recording_server())
        database = database or stack.enter_context(fresh_database(folder))
        variables = environment(folder, database, mail) | {
            "DJANGO_SETTINGS_MODULE": "tests.functional.crash.settings",
            "LEASE_SECONDS": str(LEASE_SECONDS),
            "LOG_LEVEL": "ERROR",
            "NETSUITE_CONCURRENCY": "8",
            "NETSUITE_TIMEOUT": str(patience),
        }
        zygote = Zygote(variables, folder / "workers.log")
        stack.callback(zygote.close)
        found = zygote.ask("furnish", customers=customers, clocks=clocks)
        port = int(variables["NETSUITE_SANDBOX_PORT"])
        sandbox = stack.enter_context(Sandbox(folder / "netsuite", port=port))
        here = Site(
            folder=folder,
            database=database,
            mail=mail,
            environment=variables,
            sandbox=sandbox,
            zygote=zygote,
            customers=found,
        )
        stack.callback(here.stop_everything)
        yield here


def signal_of(status: int) -> int:
    """The signal that ended or stopped a process, 0 when it ended by itself."""
    if os.WIFSTOPPED(status):
        return os.WSTOPSIG(status)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

"""The sandbox as a server: in the foreground for `manage.py netsuite_sandbox`, or in a thread for tests."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from workflows_app.netsuite.sandbox.account import SandboxAccount, open_account
from workflows_app.netsuite.sandbox.app import SandboxApp
from workflows_app.netsuite.sandbox.console import all_records
from workflows_app.netsuite.sandbox.credentials import SandboxCredentials
from workflows_app.netsuite.sandbox.faults import rule_from
from workflows_app.netsuite.sandbox.settings import SandboxSettings
from workflows_app.netsuite.sandbox.store import Clock

HOST = "127.0.0.1"
_POLL_SECONDS = 0.02  # how long the end of the block may take


class _QuietHandler(WSGIRequestHandler):
    """Says nothing about requests: `/sandbox/arrived` tells more."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Write nothing."""


def make_sandbox_server(account: SandboxAccount, port: int) -> BaseWSGIServer:
    """A server on loopback; port 0 takes a free one. Raises OSError when the port is taken."""
    return make_server(HOST, port, SandboxApp(account), threaded=True, request_handler=_QuietHandler)


class Sandbox:
    """A sandbox that runs in a thread as long as the `with` block.

    Leaving the block and opening another one on the same folder (and port) is a restart: records, tokens and ids stay.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        settings: SandboxSettings | None = None,
        clock: Clock | None = None,
        certificates: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.account = open_account(
            folder, settings or SandboxSettings(), clock or (lambda: datetime.now(UTC)), certificates
        )
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._server = make_sandbox_server(self.account, self._port)
        serve = partial(self._server.serve_forever, poll_interval=_POLL_SECONDS)
        self._thread = threading.Thread(target=serve, name="netsuite-sandbox", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        self.account.store.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.port if self._server else self._port

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"http://{HOST}:{self.port}"

    @property
    def credentials(self) -> SandboxCredentials:
        """The keys to it."""
        return self.account.credentials

    @property
    def django_settings(self) -> dict[str, Any]:
        """What to put over `settings.NETSUITE`, so that the client talks to this sandbox."""
        return {"URL": self.url, "SANDBOX_PORT": self.port, "SANDBOX_FOLDER": str(self.folder)}

    def plant(self, fault: str, **rule: Any) -> None:
        """Break the next requests that fit: `plant("commit_then_drop", method="PUT", record_type="customer")`."""
        self.account.faults.plant(rule_from({"fault": fault, **rule}))

    def heal(self) -> None:
        """Take all planted faults away."""
        self.account.faults.clear()

    def arrived(self, method: str = "", path: str = "") -> list[dict[str, Any]]:
        """What arrived, oldest first; narrowed to a method and to what the path contains."""
        found = self.account.arrivals.all()
        return [one for one in found if one["method"].startswith(method) and path in one["path"]]

    def records(self, record_type: str) -> list[dict[str, Any]]:
        """Every record of a type as GET would show it, lines included."""
        return all_records(self.account, record_type)

"""`netsuite_sandbox`: a NetSuite to try things on, in the foreground."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import DatabaseError

from workflows_app.management.base import Command as BaseCommand
from workflows_app.management.demo_data import demo_rows, loaded_at
from workflows_app.netsuite.sandbox.account import SandboxAccount, open_account
from workflows_app.netsuite.sandbox.filling import NotEmptyError, fill, is_empty
from workflows_app.netsuite.sandbox.server import make_sandbox_server
from workflows_app.netsuite.sandbox.settings import SandboxSettings


def utc_now() -> datetime:
    """The sandbox's clock."""
    return datetime.now(UTC)


def _day_of_the_mirror() -> datetime:
    """The demo data moves with the day of loading: the sandbox's has to be of the same day as the mirror's."""
    try:
        return loaded_at(utc_now())
    except DatabaseError:  # no database yet: a sandbox alone
        return utc_now()


class Command(BaseCommand):
    """Serve until Ctrl-C; an empty sandbox is filled from the demo data first."""

    help = "Run the NetSuite sandbox: a server on loopback that behaves like a NetSuite account."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where it listens and where its file is."""
        parser.add_argument("--port", type=int, default=settings.NETSUITE["SANDBOX_PORT"])
        parser.add_argument("--folder", type=Path, default=Path(settings.NETSUITE["SANDBOX_FOLDER"]))
        parser.add_argument("--empty", action="store_true", help="do not fill an empty sandbox from the demo data")
        parser.add_argument("--fill", action="store_true", help="fill it, say how many records, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill when there is nothing, then serve."""
        account = open_account(options["folder"], SandboxSettings(), utc_now)
        if options["fill"]:
            self._fill(account)
            return
        if not options["empty"] and is_empty(account.store):
            self._fill(account)
        self._serve(account, options["port"])

    def _fill(self, account: SandboxAccount) -> None:
        moment = _day_of_the_mirror()
        try:
            counts = fill(account.store, dict(demo_rows(moment)), moment)
        except NotEmptyError:
            self.refuse("There are customers in the sandbox already: nothing was filled.")
        self.stdout.write(f"Filled the NetSuite sandbox with {sum(counts.values())} rows of the demo company.")

    def _serve(self, account: SandboxAccount, port: int) -> None:
        try:
            server = make_sandbox_server(account, port)
        except (OSError, SystemExit):
            self.refuse(f"Port {port} is in use: choose another one with --port or NETSUITE_SANDBOX_PORT.")
        self.stdout.write(
            f"NetSuite sandbox (account {account.settings.account}) on http://127.0.0.1:{server.port}/ - it stands for "
            "the real one until NETSUITE_ACCOUNT is set; its own pages are under /sandbox/. Stop with Ctrl-C."
        )
        self.stdout.flush()
        try:
            server.serve_forever()
        finally:
            server.server_close()

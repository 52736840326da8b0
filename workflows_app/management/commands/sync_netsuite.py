"""`sync_netsuite`: read NetSuite into the mirror now."""

from typing import Any

from django.core.management.base import CommandParser

from workflows_app.management.base import Command as BaseCommand
from workflows_app.models import SyncLog
from workflows_app.netsuite.sync.kinds import CHANGES, FULL, HOT
from workflows_app.netsuite.sync.passes import run_pass
from workflows_app.triggers.sync import looked_at

_SHOWN = (
    "sync_type", "status", "started_at", "completed_at", "window_from", "window_to", "rows_read", "rows_upserted",
    "rows_deleted", "pages", "http_calls", "retries_429", "error",
)  # fmt: skip


class Command(BaseCommand):
    """What changed (or everything), then the receivables, as the schedules do. Reading goes on while all is on hold."""

    help = "Read what changed in NetSuite into the mirror; an interrupted pass goes on where it stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--full", action="store_true", help="read everything, and find what was deleted")
        parser.add_argument("--json", action="store_true", help="the passes as a list on stdout")
        parser.add_argument(
            "--accept-deletions", action="store_true", help="with --full: even when most rows of a table are gone"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the passes; exit code 1 when one failed or is running elsewhere."""
        if options["accept_deletions"] and not options["full"]:
            self.bad_use("--accept-deletions goes with --full.")
        quiet = options["json"] or not self.stdout.isatty()
        first = FULL if options["full"] else CHANGES
        passes = [self._pass(kind, quiet, options["accept_deletions"]) for kind in (first, HOT)]
        if options["json"]:
            self.print_json([{name: getattr(row, name) for name in _SHOWN} for row in passes if row is not None])
        elif all(passes):
            self.stdout.writelines(f"{_summary(row)}\n" for row in passes if row is not None)
        self._judge(passes)

    def _pass(self, kind: str, quiet: bool, accept_gone: bool) -> SyncLog | None:
        report = _silence if quiet else self._page
        row = run_pass(kind, accept_gone=accept_gone, report=report)
        if row is not None:
            looked_at(kind)
        return row

    def _page(self, row: SyncLog) -> None:
        """A line per page."""
        words = f"{row.sync_type}  {row.stage}  page {row.pages}: {row.rows_read} read, {row.rows_upserted} written"
        self.stdout.write(words)

    def _judge(self, passes: list[SyncLog | None]) -> None:
        failed = [row for row in passes if row is not None and row.status == "failed"]
        if failed:
            self.refuse(f"Reading from NetSuite failed: {failed[0].error}")
        if None in passes:
            self.refuse("A pass of this kind is running already; `sync_log` says how far it is.")


def _silence(row: SyncLog) -> None:
    """Print nothing."""


def _summary(row: SyncLog) -> str:
    return (
        f"{row.sync_type}: {row.status}; {row.rows_read} rows read, {row.rows_upserted} written, "
        f"{row.rows_deleted} deleted, {row.pages} pages, {row.http_calls} calls."
    )

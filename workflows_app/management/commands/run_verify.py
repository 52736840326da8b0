"""`run_verify [--now ISO]`."""

from typing import Any

from django.core.management.base import CommandParser

from approvals.clock import database_now
from workflows_app.management.base import Command as BaseCommand
from workflows_app.runner.verify import run_due
from workflows_app.triggers.silence import ended_well


class Command(BaseCommand):
    """Execute every verify check that is due."""

    help = "Execute every verify check that is due."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--now", default="", help="take this moment (ISO 8601) instead of the database's clock")

    def handle(self, *args: Any, **options: Any) -> None:
        """Execute and count."""
        now = self.moment_argument(options["now"], "--now") if options["now"] else database_now()
        counts = run_due(now)
        if not options["now"]:
            ended_well("run_verify", database_now())
        self.stdout.write(", ".join(f"{status}: {count}" for status, count in sorted(counts.items())) or "Nothing due.")

"""`tick [--now ISO]`."""

from typing import Any

from django.core.management.base import CommandParser

from approvals.clock import database_now
from workflows_app.management.base import Command as BaseCommand
from workflows_app.triggers.tick import tick


class Command(BaseCommand):
    """One scheduler pass: cron, events, expiry, reminders, wake-ups."""

    help = "One scheduler pass: cron, events, expiry, reminders, wake-ups. Repeating it does no harm."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--now", default="", help="take this moment (ISO 8601) instead of the database's clock")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the pass and say what it found."""
        now = self.moment_argument(options["now"], "--now") if options["now"] else database_now()
        self.stdout.write(", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in tick(now).items()))

"""`tick [--now ISO]`."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import CommandParser

from approvals.clock import database_now
from workflows_app.management.base import Command as BaseCommand
from workflows_app.triggers.tick import TickError, tick
from workflows_app.triggers.watch import watched_tick

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)


class Command(BaseCommand):
    """One scheduler pass: cron, events, expiry, reminders, wake-ups."""

    help = "One scheduler pass: cron, events, expiry, reminders, wake-ups. Repeating it does no harm."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--now", default="", help="take this moment (ISO 8601) instead of the database's clock")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the pass and say what it found; exit code 1 when parts of it failed.

        A pass of another moment says nothing about now: it is no heartbeat, mails nobody and calls nobody outside.
        """
        now = self._moment(options["now"])
        try:
            self._say(tick(now) if options["now"] else watched_tick(now))
        except TickError as error:
            self._say(error.found)
            self.refuse(f"Failed: {error}")

    def _moment(self, text: str) -> datetime:
        """The moment of the pass. What a pass of a far future writes would keep schedules from starting until then."""
        clock = database_now()
        now = self.moment_argument(text, "--now") if text else clock
        if not _EARLIEST <= now <= clock + _AHEAD:
            self.bad_use(
                f"--now: {text} is not between 2000 and tomorrow; the database's clock says {clock:%F %T} UTC."
            )
        return now

    def _say(self, found: Mapping[str, int]) -> None:
        self.stdout.write(", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in found.items()))

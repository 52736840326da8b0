"""`work [--once]`."""

import time
from typing import Any

from django.core.management.base import CommandParser

from workflows_app.management.base import Command as BaseCommand
from workflows_app.triggers.work import work

_IDLE_SECONDS = 0.5


class Command(BaseCommand):
    """Apply everything that is ready, in this process; without `--once` until it is interrupted."""

    help = "Apply everything that is ready, in this process, until interrupted (or once with --once)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--once", action="store_true", help="end when nothing is ready")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until nothing is ready, or for ever."""
        try:
            self._loop(once=options["once"])
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")

    def _loop(self, *, once: bool) -> None:
        total = 0
        while True:
            done = work()
            total += done
            if done:
                continue
            if once:
                self.stdout.write(f"Done: {total}.")
                return
            time.sleep(_IDLE_SECONDS)

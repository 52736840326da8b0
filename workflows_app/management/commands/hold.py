"""`hold on|off`."""

from typing import Any

from django.core.management.base import CommandParser

from approvals.passing import PASSING
from approvals.principals import Principal
from workflows_app.management.base import Command as BaseCommand
from workflows_app.runner.hold import BUSY, set_hold


class Command(BaseCommand):
    """Stop every effect and delivery, or let them go on."""

    help = "Stop every effect and delivery at once (on), or let them go on (off)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("switch", choices=["on", "off"])
        parser.add_argument("--reason", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Turn the switch."""
        on = options["switch"] == "on"
        try:
            turned = set_hold(on, Principal.machine("command"), options["reason"])
        except PASSING:
            self.refuse(BUSY)
        state = "Everything is on hold" if on else "Effects and deliveries go on"
        self.stdout.write(f"{state}." if turned else f"{state}, as before.")

"""`health [--json]`."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import DatabaseError

from approvals.clock import database_now
from workflows_app.management.base import Command as BaseCommand
from workflows_app.triggers.health import Health, look


class Command(BaseCommand):
    """Say what is silent or fails, and what to do; for a monitor outside, as a dead scheduler cannot report itself."""

    help = "Exit code 0 when everything that should have happened did, else 1 with a sentence for each thing to do."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="the answer as one object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, and tell."""
        try:
            health = look(database_now())
        except DatabaseError as error:
            self.refuse(f"The database cannot be read: {str(error).strip()}. Look after it, and at DATABASE_URL.")
        if options["json"]:
            self.print_json(_as_data(health))
        elif health.good:
            self.stdout.write(f"All is well.{_beside(health)}")
        if not health.good:
            sentences = "\n".join([*(silence.sentence for silence in health.silent), *health.failing])
            self.refuse("Something is silent or fails." if options["json"] else f"{sentences}{_beside(health)}")


def _as_data(health: Health) -> dict[str, Any]:
    return {
        "healthy": health.good,
        "at": health.at,
        "silent": [{"what": each.what, "since": each.since, "sentence": each.sentence} for each in health.silent],
        "failing": list(health.failing),
        "open_alerts": health.open_alerts,
        "on_hold": health.hold is not None,
    }


def _beside(health: Health) -> str:
    """What is no illness, but worth a word."""
    hold = " Everything is on hold." if health.hold else ""
    return f" Open alerts: {health.open_alerts}.{hold}"

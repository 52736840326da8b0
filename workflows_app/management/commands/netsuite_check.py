"""`netsuite_check`: does the account of the settings work for us? Nothing is changed."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from workflows_app.management.base import Command as BaseCommand
from workflows_app.netsuite.client import connect
from workflows_app.netsuite.errors import SettingsError
from workflows_app.netsuite.smoke import findings


class Command(BaseCommand):
    """Try login, clock and every reading; exit code 1 when one of them does not work."""

    help = "Try the NetSuite account of the settings by reading only."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the option."""
        parser.add_argument("--json", action="store_true", help="a list of findings on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        """Try, and tell each thing as soon as it is known."""
        found = []
        try:
            with connect() as client:
                for finding in findings(client):
                    found.append(finding)
                    if not options["json"]:
                        self.stdout.write(f"{'ok    ' if finding.works else 'FAILED'}  {finding.what}: {finding.words}")
        except SettingsError as error:
            self.refuse(error.message)
        if options["json"]:
            self.print_json([asdict(finding) for finding in found])
        failed = [finding.what for finding in found if not finding.works]
        if failed:
            self.refuse(f"NetSuite does not work for us yet: {', '.join(failed)}.")

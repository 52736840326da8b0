"""`sync_netsuite`: not built yet."""

from typing import Any

from django.core.management.base import CommandParser

from workflows_app.management.base import Command as BaseCommand


class Command(BaseCommand):
    """Says that it does not exist yet, with exit code 1."""

    help = "Not yet."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take any argument, so that the answer is the same for all."""
        parser.add_argument("arguments", nargs="*")
        parser.add_argument("--full", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse."""
        self.refuse("Reading from NetSuite is not built yet.")

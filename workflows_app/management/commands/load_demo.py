"""`load_demo`: the made-up company, into an empty database only."""

from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from workflows_app.management.base import Command as BaseCommand
from workflows_app.management.demo_data import NotEmptyError, load_demo_data


class Command(BaseCommand):
    """Load the demo data; with any customer there, say so and change nothing."""

    help = "Load the demo data into an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--anchor` is the day that the data is made for."""
        parser.add_argument("--anchor", metavar="DATE", help="the day the data is made for (default: today, UTC)")
        parser.add_argument("--without-anomalies", action="store_true", help="leave the planted anomalies out")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and print the rows per table."""
        moment = self._moment(options["anchor"])
        try:
            counts = load_demo_data(moment, without_anomalies=options["without_anomalies"])
        except NotEmptyError:
            self.stdout.write("There are customers in the database already: nothing was loaded.")
            return
        for table, count in counts.items():
            self.stdout.write(f"{table}: {count}")
        self.stdout.write(f"Loaded {sum(counts.values())} rows of the demo company as of {moment:%Y-%m-%d}.")

    def _moment(self, anchor: str | None) -> datetime:
        """The moment of loading: now, or noon of the anchor."""
        if anchor is None:
            return timezone.now()
        try:
            return datetime.combine(date.fromisoformat(anchor), datetime.min.time(), tzinfo=UTC).replace(hour=12)
        except ValueError:
            self.bad_use(f"--anchor: {anchor!r} is not a date such as 2026-09-14.")

"""`proposals`: what waits for a decision, and what became of the rest."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from approvals.models import ProposalStatus
from workflows_app.management.base import Command as Base
from workflows_app.runner.show import proposals_data

_COLUMNS = ("id", "status", "action_type", "entity_ref", "expires_at", "summary")


class Command(Base):
    """Newest first."""

    help = "List proposals."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--status", help=f"only these: {', '.join(ProposalStatus.values)}")
        parser.add_argument("--json", action="store_true", help="a list of objects on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the list."""
        if options["status"] not in (None, *ProposalStatus.values):
            self.bad_use(f"--status: {options['status']!r} is not one of {', '.join(ProposalStatus.values)}.")
        rows = proposals_data(options["status"])
        if options["json"]:
            self.print_json(rows)
        else:
            self.stdout.writelines(f"{line}\n" for line in _table(rows))


def _table(rows: list[dict[str, Any]]) -> Iterator[str]:
    if not rows:
        yield "There are no proposals."
        return
    cells = [_COLUMNS, *(tuple(_cell(row[column]) for column in _COLUMNS) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_COLUMNS))]
    for row in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _cell(value: Any) -> str:
    text = f"{value:%Y-%m-%d %H:%M} UTC" if hasattr(value, "strftime") else " ".join(str(value).split())
    return text if len(text) <= 80 else f"{text[:79]}…"

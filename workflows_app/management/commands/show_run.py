"""`show_run ID [--json]`."""

from typing import Any

from django.core.management.base import CommandParser

from workflows_app.management import report
from workflows_app.management.base import Command as BaseCommand
from workflows_app.models import WorkflowRun
from workflows_app.runner.show import run_data


class Command(BaseCommand):
    """Show one run: what started it, what it read and planned, who decided, what became of each step."""

    help = "Show a run from trigger to verify."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("run_id")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the run."""
        run = WorkflowRun.objects.select_related("contract").filter(pk=options["run_id"]).first()
        if run is None:
            self.refuse(f"There is no run {options['run_id']!r}.")
        if options["json"]:
            self.print_json(run_data(run))
        else:
            self.stdout.writelines(f"{line}\n" for line in report.lines(run, most=None))

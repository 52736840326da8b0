"""`show_run ID [--json]`."""

from typing import Any

from django.core.management.base import CommandParser

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
        data = run_data(run)
        if options["json"]:
            self.print_json(data)
        else:
            self._print(data)

    def _print(self, data: dict[str, Any]) -> None:
        self.stdout.write(f"{data['workflow_type']} v{data['contract_version']}: {data['status']}")
        for check in data["preconditions"]:
            self.stdout.write(f"  check {check['check']}: {check['result']} {check['detail']}".rstrip())
        for step in data["steps"]:
            self.stdout.write(f"  step {step['name']} {step['item']}: {step['status']} {step['error']}".rstrip())
        for proposal in data["proposals"]:
            self.stdout.write(f"  proposal {proposal['id']} {proposal['action_type']}: {proposal['status']}")
        for result in data["verify"]:
            self.stdout.write(f"  verify {result['name']}: {result['status']} {result['detail']}".rstrip())

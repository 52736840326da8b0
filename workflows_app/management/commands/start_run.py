"""`start_run TYPE [--input JSON|@FILE] [--key K] [--dry-run] [--json]`."""

from typing import Any

from django.core.management.base import CommandParser

from approvals.principals import Principal
from workflows_app.management import report
from workflows_app.management.base import Command as BaseCommand
from workflows_app.models import WorkflowContract
from workflows_app.runner.inputs import InputError
from workflows_app.runner.recheck import READING_ERRORS
from workflows_app.triggers import manual

_LONGEST_KEY = 100


class Command(BaseCommand):
    """Start a workflow by hand; below risk level 3 it runs at once, else it waits for a decision."""

    help = "Start a workflow by hand and take it as far as it goes: to its gate, or to its end below risk level 3."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("workflow_type")
        parser.add_argument("--input", default="{}", help="the inputs as a JSON object, or @FILE")
        parser.add_argument("--key", default="", help="a key; the same key again returns the same run")
        parser.add_argument("--dry-run", action="store_true", help="plan only; nothing is written")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, or plan only."""
        contract = self._contract(options["workflow_type"])
        inputs = self.json_argument(options["input"], "--input")
        if not isinstance(inputs, dict):
            self.bad_use('--input: give a JSON object such as \'{"customer_id": "42"}\'.')
        if len(options["key"]) > _LONGEST_KEY:
            self.bad_use(f"--key: give a key of at most {_LONGEST_KEY} characters.")
        try:
            if options["dry_run"]:
                self._dry_run(contract, inputs, options["json"])
            else:
                self._start(contract, inputs, options)
        except InputError as error:
            self.bad_use("\n".join(f"{name}: {message}" for name, message in error.errors.items()))
        except READING_ERRORS as error:
            self.refuse(f"It cannot be planned: {error}")

    def _contract(self, workflow_type: str) -> WorkflowContract:
        contract = WorkflowContract.objects.filter(workflow_type=workflow_type, active=True).first()
        if contract is None:
            known = WorkflowContract.objects.filter(active=True).values_list("workflow_type", flat=True)
            listed = ", ".join(sorted(known)) or "none; run load_contracts first"
            self.bad_use(f"There is no workflow {workflow_type!r}. Known: {listed}.")
        return contract

    def _start(self, contract: WorkflowContract, inputs: dict[str, Any], options: dict[str, Any]) -> None:
        run = manual.start(contract, inputs, principal=Principal.machine("command"), key=options["key"])
        result = {"run_id": run.pk, "status": run.status, "proposal_id": run.proposal_id or None}
        if options["json"]:
            self.print_json(result)
            return
        self.stdout.write(f"Run {run.pk} is {run.status}." + (f" {run.error}" if run.error else ""))
        if run.status == "awaiting_approval":
            self.stdout.write(f"It waits for a decision on {run.proposal_id}.")

    def _dry_run(self, contract: WorkflowContract, inputs: dict[str, Any], as_json: bool) -> None:
        planned = manual.dry_run(contract, inputs, principal=Principal.machine("command")).reading
        if as_json:
            self.print_json({"status": "dry_run", "checks": planned.checks, "plan": planned.plan})
            return
        for check in planned.checks:
            self.stdout.write(f"check {report.checked(check)}")
        for item in planned.plan:
            self.stdout.write(report.planned(item))
        self.stdout.write("Nothing was written.")

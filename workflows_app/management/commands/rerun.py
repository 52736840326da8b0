"""`rerun RUN_ID --as USER [--dry-run] [--json]`."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.management.base import CommandParser

from approvals.principals import Principal
from approvals.services.permission import permission_refusal
from workflows_app.management import report
from workflows_app.management.people import PeopleCommand
from workflows_app.models import WorkflowRun
from workflows_app.runner.recheck import READING_ERRORS
from workflows_app.triggers import rerun


class Command(PeopleCommand):
    """Exit 0 when the rerun is started (or previewed), 1 when it is refused, 2 for an unknown run or user."""

    help = "Do the rest of a run that failed in part: what was done is reused, the rest is planned and decided anew."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("run_id")
        parser.add_argument("--as", dest="user", required=True, help="the name of the user who asks for it")
        parser.add_argument("--dry-run", action="store_true", help="say what is reused and what would be done")
        parser.add_argument("--json", action="store_true", help="one object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, or plan only."""
        old = WorkflowRun.objects.select_related("contract").filter(pk=options["run_id"]).first()
        if old is None:
            self.bad_use(f"There is no run {options['run_id']!r}.")
        by = Principal.person(self._approver(options["user"]))
        act = self._preview if options["dry_run"] else self._start
        try:
            act(old, by, options["json"])
        except rerun.NotContinuedError as error:
            self.refuse(str(error))
        except READING_ERRORS as error:
            self.refuse(f"It cannot be planned: {error}")

    def _approver(self, name: str) -> AbstractBaseUser:
        user, refusal = self.person(name)
        if user is None:
            self.refuse(refusal)
        refusal = permission_refusal(user) or ""
        if refusal:
            self.refuse(refusal)
        return user

    def _start(self, old: WorkflowRun, by: Principal, as_json: bool) -> None:
        run = rerun.start(old, principal=by)
        if as_json:
            proposal = run.proposal_id or None
            self.print_json({"run_id": run.pk, "status": run.status, "proposal_id": proposal, "continues": old.pk})
            return
        self.stdout.write(f"Run {run.pk} continues {old.pk} and is {run.status}." + (f" {run.error}" * bool(run.error)))
        if run.status == "awaiting_approval":
            self.stdout.write(f"It waits for a decision on {run.proposal_id}.")

    def _preview(self, old: WorkflowRun, by: Principal, as_json: bool) -> None:
        shown = rerun.preview(old, by)
        if as_json:
            self.print_json(
                {
                    "status": "dry_run",
                    "continues": old.pk,
                    "checks": shown.checks,
                    "steps": list(map(_data, shown.rest)),
                }
            )
            return
        for check in shown.checks:
            self.stdout.write(f"check {report.checked(check)}")
        for rest in shown.rest:
            self.stdout.write(_line(rest))
        self.stdout.write("Nothing was written.")


def _data(rest: rerun.Rest) -> dict[str, Any]:
    return {
        "name": rest.step,
        "item": rest.item,
        "kind": rest.kind,
        "state": rest.state,
        "reason": rest.reason,
        "effects": rest.effects,
        "would_repeat": rest.repeats,
    }


def _line(rest: rerun.Rest) -> str:
    label = f"{rest.step} {rest.item}".strip()
    if rest.state == "reused":
        repeats = report.effects(rest.repeats) or "nothing"
        return f"{label}: reused, {rest.reason}; a start from the beginning would repeat: {repeats}"
    if rest.state == "skipped":
        return f"{label}: skipped, {rest.reason}"
    return f"{label}: will be done: {report.effects(rest.effects)}"

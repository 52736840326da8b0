"""`intervene RUN_ID retry|skip|cancel [--step S] [--item I] --as USER [--reason R] [--json]`."""

from typing import Any

from django.core.management.base import CommandParser

from workflows_app.management.people import PeopleCommand
from workflows_app.models import WorkflowRun
from workflows_app.runner.intervene import KINDS, Answer, Wish, intervene


class Command(PeopleCommand):
    """Exit 0 when it is done, 1 when it is refused, 2 for an unknown run, user or intervention."""

    help = "Try a waiting step again now, skip a step, or cancel a run; a decision of the person named."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("run_id")
        parser.add_argument("what", help=", ".join(KINDS))
        parser.add_argument("--step", default="", help="needed to skip; without it, retry means all that wait")
        parser.add_argument("--item", default="", help="the item of a step that loops")
        parser.add_argument("--as", dest="user", required=True, help="the name of the user who decides")
        parser.add_argument("--reason", default="", help="needed to skip and to cancel")
        parser.add_argument("--json", action="store_true", help="one object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        """Intervene."""
        what = next((kind for kind in KINDS if kind == options["what"]), None)
        if what is None:
            self.bad_use(f"{options['what']!r} is no intervention; say {', '.join(KINDS)}.")
        if not WorkflowRun.objects.filter(pk=options["run_id"]).exists():
            self.bad_use(f"There is no run {options['run_id']!r}.")
        chosen = {name: options[name] for name in ("run_id", "step", "item", "reason")}
        user, refusal = self.person(options["user"])
        answer = (
            Answer(done=False, message=refusal)
            if user is None
            else intervene(Wish(what=what, **chosen), user=user, channel="command")
        )
        run_id = options["run_id"]
        status = WorkflowRun.objects.values_list("status", flat=True).get(pk=run_id)
        self.report(answer, as_json=options["json"], run_id=run_id, status=status)

"""`decide`: the decision service at the command line. It has no way of its own around any check."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.management.base import CommandParser

from approvals import services
from approvals.models import ProposedAction, Verdict
from workflows_app.management.people import PeopleCommand

_CHANNEL = "command"


class Command(PeopleCommand):
    """Exit 0 when the proposal is decided (or edited), 1 when that is refused, 2 for an unknown id, user or verdict."""

    help = "Approve or reject one proposal, or replace it by an edited one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("id")
        parser.add_argument("verdict", help="approve or reject")
        parser.add_argument("--as", dest="user", required=True, help="the name of the user who decides")
        parser.add_argument("--digest", help="of what was reviewed; default: the present one")
        parser.add_argument("--reason", default="", help="needed to reject")
        parser.add_argument(
            "--edit",
            help='[{"item": …, "field": …, "value": …}] or @FILE: puts an edited one in its place, decided next',
        )
        parser.add_argument("--json", action="store_true", help="one object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        """Decide."""
        if options["verdict"] not in (Verdict.APPROVE, Verdict.REJECT):
            self.bad_use(f"{options['verdict']!r} is not a verdict; say approve or reject.")
        proposal = ProposedAction.objects.filter(pk=options["id"]).first()
        if proposal is None:
            self.bad_use(f"There is no proposal {options['id']!r}; `proposals` lists them.")
        user, refusal = self.person(options["user"])
        if user is None:
            result = services.DecisionResult(outcome="refused", message=refusal, proposal=proposal)
        else:
            result = self._result(proposal, user, options)
        self._report(result, done=options["edit"] is not None, as_json=options["json"])

    def _result(
        self, proposal: ProposedAction, user: AbstractBaseUser, options: dict[str, Any]
    ) -> services.DecisionResult:
        digest = proposal.digest if options["digest"] is None else options["digest"]
        if options["edit"] is None:
            return services.decide(
                proposal.pk,
                Verdict(options["verdict"]),
                user=user,
                channel=_CHANNEL,
                digest=digest,
                reason=options["reason"],
            )
        if options["verdict"] == Verdict.REJECT:
            self.bad_use("--edit: a rejected proposal needs no edit.")
        edits = self.json_argument(options["edit"], "--edit")
        if not isinstance(edits, list):
            self.bad_use("--edit: this is not a list of edits.")
        return services.edit(proposal.pk, edits, user=user, channel=_CHANNEL, digest=digest)

    def _report(self, result: services.DecisionResult, *, done: bool, as_json: bool) -> None:
        if as_json:
            self.print_json(
                {
                    "proposal_id": result.proposal.pk,
                    "outcome": result.outcome,
                    "message": result.message,
                    "replacement_id": result.replacement_id,
                }
            )
        wanted = {"superseded"} if done else {"approved", "rejected"}
        if result.outcome not in wanted:
            self.refuse(result.message)
        if not as_json:
            self.stdout.write(result.message)

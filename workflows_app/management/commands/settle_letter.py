"""`settle_letter ID arrived|again --as USER [--reason R] [--json]`."""

from typing import Any

from django.core.management.base import CommandParser

from workflows_app.management.people import PeopleCommand
from workflows_app.models import OutboundEmail
from workflows_app.runner.intervene import Answer
from workflows_app.runner.settle_letter import KINDS, settle_letter


class Command(PeopleCommand):
    """Exit 0 when it is done, 1 when it is refused, 2 for an unknown letter, user or answer."""

    help = "Say of an uncertain letter that it arrived, or send it again; a decision of the person named."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("letter_id", help="cs-eml-…, as in its Message-ID")
        parser.add_argument(
            "what", help="arrived: it counts as sent; again: it did not arrive, send the same once more"
        )
        parser.add_argument("--as", dest="user", required=True, help="the name of the user who decides")
        parser.add_argument("--reason", default="", help="how you know")
        parser.add_argument("--json", action="store_true", help="one object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        """Settle the letter."""
        what = next((kind for kind in KINDS if kind == options["what"]), None)
        if what is None:
            self.bad_use(f"{options['what']!r} is no answer; say {' or '.join(KINDS)}.")
        letter_id = options["letter_id"]
        if not OutboundEmail.objects.filter(pk=letter_id).exists():
            self.bad_use(f"There is no letter {letter_id!r}.")
        user, refusal = self.person(options["user"])
        answer = (
            Answer(done=False, message=refusal)
            if user is None
            else settle_letter(letter_id, what, user=user, channel="command", reason=options["reason"])
        )
        status = OutboundEmail.objects.values_list("status", flat=True).get(pk=letter_id)
        self.report(answer, as_json=options["json"], letter_id=letter_id, status=status)

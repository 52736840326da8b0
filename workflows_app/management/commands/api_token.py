"""`api_token NAME --scope SCOPE …`."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser

from approvals.clock import database_now
from approvals.principals import Principal
from workflows_app.credentials import tokens
from workflows_app.management.base import Command as BaseCommand
from workflows_app.models import ApiToken
from workflows_app.models.api import SCOPES

_BY = Principal.machine("command")
_LONGEST_DAYS = 3650


class Command(BaseCommand):
    """Make a token and print it, once; or revoke one."""

    help = "Make an API token and print it, the only time that it is shown; with --revoke, end one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name", help="who will use it; runs and events name it as machine:NAME")
        parser.add_argument(
            "--scope", action="append", default=[], metavar="SCOPE", help=f"what it may do: {', '.join(SCOPES)}"
        )
        parser.add_argument("--days", type=int, help="it expires after so many days; else it never does")
        parser.add_argument("--revoke", action="store_true", help="the token NAME opens nothing any more")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make or revoke."""
        if options["revoke"]:
            self._revoke(options["name"])
            return
        now = database_now()
        if options["days"] is not None and not 0 < options["days"] <= _LONGEST_DAYS:
            self.bad_use(f"--days: give 1 to {_LONGEST_DAYS}.")
        expires_at = now + timedelta(days=options["days"]) if options["days"] else None
        try:
            made = tokens.make(options["name"], options["scope"], by=_BY, now=now, expires_at=expires_at)
        except tokens.TokenError as error:
            self.bad_use(f"No token was made: {error}.")
        if options["json"]:
            token = made.token
            self.print_json(
                {"name": token.name, "scopes": token.scopes.split(), "expires_at": expires_at, "token": made.text}
            )
            return
        self.stderr.write("Keep it now; it is not shown again:")
        self.stdout.write(made.text)

    def _revoke(self, name: str) -> None:
        token = ApiToken.objects.filter(name=name).first()
        if token is None:
            self.bad_use(f"There is no token {name!r}.")
        revoked = tokens.revoke(token.pk, by=_BY, now=database_now())
        self.stdout.write(f"The token {name} is revoked{'' if revoked else ', as before'}.")

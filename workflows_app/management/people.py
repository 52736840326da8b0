"""Commands that a person answers for: `--as USER`."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser

from approvals import policy
from approvals.principals import Principal
from workflows_app.management.base import Command
from workflows_app.runner.intervene import Answer


class PeopleCommand(Command):
    """Knows who acts; the services decide whether they may."""

    def person(self, text: str) -> tuple[AbstractBaseUser | None, str]:
        """The user, or None and why a machine may not. A name that means nobody is bad use."""
        try:
            principal = Principal.parse(text) if ":" in text else Principal("person", text)
        except ValueError as error:
            self.bad_use(f"--as: {error}.")
        if principal.kind == "machine":
            return None, policy.refusal(principal, active=True, has_permission=False) or ""
        user = get_user_model().objects.filter(username=principal.name).first()
        if user is None:
            self.bad_use(f"--as: there is no user {principal.name!r}.")
        return user, ""

    def report(self, answer: Answer, *, as_json: bool, **about: Any) -> None:
        """What came of it; a refusal ends the command. With `as_json` one object on stdout, `about` first."""
        if as_json:
            told = {"done": answer.done, "message": answer.message, "proposal_id": answer.proposal_id or None}
            self.print_json({**about, **told})
        if not answer.done:
            self.refuse(answer.message)
        if not as_json:
            self.stdout.write(answer.message)

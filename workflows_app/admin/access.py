"""What the person who is looking may do. The services refuse on their own; these answers only decide what is shown."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from approvals.groups import APPROVERS, SALES
from approvals.services.permission import permission_refusal
from workflows_app.contracts.schema import Contract

Visitor = AbstractBaseUser | AnonymousUser
SALES_SOURCE = "sales_intake_form"


def decide_refusal(user: Visitor) -> str:
    """Why this visitor cannot decide, or nothing. Asks the policy of approvals; superuser is not enough."""
    return permission_refusal(user) or ""


def hands_in(user: Visitor) -> bool:
    """Whether this visitor can start any contract at all."""
    return bool(_groups(user) & {APPROVERS, SALES})


def start_refusal(user: Visitor, contract: Contract) -> str:
    """Why this visitor cannot start the contract by hand, or nothing.

    Approvers start any contract; Sales only one whose trigger takes the intake form.
    """
    groups = _groups(user)
    if APPROVERS in groups:
        return ""
    if SALES in groups and SALES_SOURCE in getattr(contract.trigger, "sources", ()):
        return ""
    return f"Starting {contract.title} by hand takes the group {APPROVERS}."


def _groups(user: Visitor) -> set[str]:
    """The names of the visitor's groups, read once per request."""
    known: set[str] | None = getattr(user, "_console_groups", None)
    if known is None:
        known = set(user.groups.values_list("name", flat=True)) if user.pk else set()  # type: ignore[union-attr]
        user._console_groups = known  # type: ignore[union-attr]
    return known

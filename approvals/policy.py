"""Who may decide, and what a decision must say. Pure: facts in, a plain sentence or None out."""

from collections.abc import Sequence
from typing import Any

from approvals.canonical import NotCanonicalError, canonical
from approvals.models import Verdict
from approvals.principals import Principal

MAX_REASON = 2000


def refusal(principal: Principal, *, active: bool, has_permission: bool) -> str | None:
    """Why `principal` may not decide, or None. `has_permission`: held directly or by group; superuser is not enough."""
    if principal.kind != "person":
        return f"{principal} is a machine; only a person decides."
    if not active:
        return f"The account {principal.name} is not active."
    if not has_permission:
        return f"{principal.name} may not decide proposals: that takes the group Approvers."
    return None


def reason_refusal(verdict: Verdict, reason: str) -> str | None:
    """What is wrong with the reason given for `verdict`, or None."""
    if verdict == Verdict.REJECT and not reason.strip():
        return "Rejecting needs a reason."
    if len(reason) > MAX_REASON:
        return f"The reason has {len(reason)} characters; {MAX_REASON} is the most."
    try:
        canonical(reason)
    except NotCanonicalError as error:
        return f"The reason cannot be stored: {error}."
    return None


def edits_refusal(edits: Sequence[Any]) -> str | None:
    """What is wrong with the shape of `edits`, or None. Whether a field may be edited is for the hooks to say."""
    if not edits:
        return "There is no edit."
    if not all(_is_edit(edit) for edit in edits):
        return "Each edit needs exactly an item, a field and a value; item and field are text."
    try:
        canonical(edits)
    except NotCanonicalError as error:
        return f"An edit cannot be stored: {error}."
    return None


def _is_edit(edit: Any) -> bool:
    if not isinstance(edit, dict) or set(edit) != {"item", "field", "value"}:
        return False
    return isinstance(edit["item"], str) and isinstance(edit["field"], str)

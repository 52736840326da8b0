"""A leaf as it was before anybody edited it: an edit is data, so what was left out can be taken in again."""

from typing import Final

from approvals.canonical import digest
from approvals.hooks import EditRefusedError
from approvals.models import ProposedAction

# More edits of one leaf than anybody makes; the chain is read one by one.
_MOST: Final = 200


def unedited(proposal: ProposedAction) -> ProposedAction:
    """The proposal of the chain that the first edit was made to; itself when there was none.

    Raises `EditRefusedError` when it is not what was hashed, or edited too often.
    """
    first = proposal
    for _edit in range(_MOST):
        if first.edits == "[]" or first.supersedes is None:
            break
        first = first.supersedes
    else:
        raise EditRefusedError("This was edited too often to be edited once more: let it be drafted again.")
    if digest(first.effects) != first.digest:
        raise EditRefusedError("What was proposed first was changed since; run verify_decisions.")
    return first

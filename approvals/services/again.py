"""Propose again: plan an expired or closed proposal afresh, with one click."""

from dataclasses import replace

from django.db import transaction

from approvals import hooks
from approvals.models import ProposalStatus, ProposedAction
from approvals.passing import PASSING
from approvals.services.decide import locked
from approvals.services.replace import succession
from approvals.services.stage import stage


def propose_again(proposal_id: str, by: str) -> ProposedAction:
    """Stage a fresh successor of an expired or closed proposal; `by` is the principal who asks, as text.

    Raises `hooks.DecisionRefusedError` when it is neither, has a successor, or a lock was not to be had in time;
    `ProposedAction.DoesNotExist`.
    """
    try:
        return _propose_again(proposal_id, by)
    except PASSING as error:
        raise hooks.DecisionRefusedError(hooks.BUSY) from error


@transaction.atomic
def _propose_again(proposal_id: str, by: str) -> ProposedAction:
    old = locked(proposal_id)
    if old.status not in (ProposalStatus.EXPIRED, ProposalStatus.CLOSED):
        raise hooks.DecisionRefusedError(f"It is {old.status}; only what expired or was closed is proposed again.")
    successor = old.superseded_by.first()
    if successor is not None:
        raise hooks.DecisionRefusedError(f"It was proposed again already, as {successor.pk}.")
    new = hooks.current().again(old, by)
    return stage(replace(succession(old, new), proposed_by=by))

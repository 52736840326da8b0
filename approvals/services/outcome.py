"""Advance: how far the effects of an approved proposal have come. The ladder only moves forward."""

from approvals.models import Outcome, ProposalStatus, ProposedAction

_LADDER = (Outcome.PROPOSED, Outcome.APPROVED, Outcome.APPLIED, Outcome.SENT, Outcome.CONFIRMED, Outcome.VERIFIED)


def advance_outcome(proposal_id: str, outcome: Outcome) -> bool:
    """Move an approved proposal up to `outcome`; False when it is there already, further, or not approved.

    `uncertain` comes only from `applied` and leaves only to `sent`.
    """
    approved = ProposedAction.objects.filter(pk=proposal_id, status=ProposalStatus.APPROVED)
    return bool(approved.filter(outcome__in=_before(Outcome(outcome))).update(outcome=outcome))


def _before(outcome: Outcome) -> list[Outcome]:
    if outcome == Outcome.UNCERTAIN:
        return [Outcome.APPLIED]
    below = list(_LADDER[: _LADDER.index(outcome)])
    return [*below, Outcome.UNCERTAIN] if outcome == Outcome.SENT else below

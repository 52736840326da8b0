"""Does an approval stand behind what is about to leave?"""

import hmac

from approvals.canonical import digest as digest_of
from approvals.models import ProposalStatus, ProposedAction, Verdict


def refusal(proposal: ProposedAction, digest: str) -> str:
    """Why nothing may leave on this proposal, in words; empty when a person approved exactly what `digest` covers.

    The status alone is not believed: the text must still hash to the digest, and a decision on it must be on record.
    """
    if proposal.status != ProposalStatus.APPROVED:
        return f"its proposal is {proposal.status}, not approved"
    decided = proposal.decisions.filter(verdict=Verdict.APPROVE, digest_decided=proposal.digest)
    same = hmac.compare_digest(digest, proposal.digest)
    if same and digest_of(proposal.effects) == proposal.digest and decided.exists():
        return ""
    return "its proposal is not the one that was approved"

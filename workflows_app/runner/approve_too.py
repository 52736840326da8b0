"""Approve this too: drafts that a person approved together with the envelope, each decided once it is staged.

The wish is part of the decision on the envelope, and so of the chain: for each draft the digest that it must have. When
the draft is there, that person's decision on it is taken as any other: permission, digest, expiry, hold and its rules
are asked then. Whatever does not fit, the draft waits for a decision of its own.

It is a transaction of its own after the one that staged: the rules of a draft may be read by another login, which sees
only what is committed. A worker that dies between the two leaves the drafts waiting, and nothing is lost.
"""

from collections.abc import Iterator
from contextlib import suppress

from approvals import services
from approvals.canonical import parse
from approvals.models import Decision, ProposalStatus, ProposedAction, Verdict
from workflows_app.effects.drafts import approvable
from workflows_app.effects.errors import EffectError
from workflows_app.effects.guard import guarded
from workflows_app.models import WorkflowRun


def stranger(proposal: ProposedAction, decision: Decision) -> str:
    """Why a wish of this decision is not one that the card offered; empty when each is."""
    offered = approvable(parse(proposal.effects))
    unknown = [item for item, digest in services.also_of(decision).items() if offered.get(item) != digest]
    return f"{unknown[0]} is not a draft of this card that can be approved with it." if unknown else ""


def approve_drafts(run_id: str) -> int:
    """Decide the drafts of a run that its gate's decision names and that wait; how many were approved."""
    decision = _decision(run_id)
    if decision is None:
        return 0
    return sum(_approve(draft, decision, digest) for draft, digest in _waiting(run_id, decision))


def _decision(run_id: str) -> Decision | None:
    gate = WorkflowRun.objects.filter(pk=run_id).values("proposal_id")
    named = Decision.objects.filter(proposal__in=gate, verdict=Verdict.APPROVE).exclude(edits="[]")
    return named.select_related("user").first()


def _waiting(run_id: str, decision: Decision) -> Iterator[tuple[str, str]]:
    wishes = services.also_of(decision)
    staged = ProposedAction.objects.filter(run_id=run_id, status=ProposalStatus.PENDING).exclude(step="")
    for key in list(staged.order_by("pk").values_list("pk", flat=True)):
        if key in wishes:
            yield key, wishes[key]


def _approve(draft: str, decision: Decision, digest: str) -> bool:
    """Take the decision; what goes wrong with one draft leaves it as it is, and the next has its own."""
    with suppress(EffectError), guarded():
        channel = f"{decision.channel[:20]}, with its envelope"
        result = services.decide(draft, Verdict.APPROVE, user=decision.user, channel=channel, digest=digest)
        return result.outcome == "approved"
    return False

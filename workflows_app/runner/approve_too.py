"""Approve this too: drafts that a person approved together with the envelope, each decided once it is staged.

The wish is part of the decision on the envelope, and so of the chain: for each draft the digest that it must have. When
the draft is there, that person's decision on it is taken as any other: permission, digest, expiry, hold and its rules
are asked then. Whatever does not fit, the draft waits for a decision of its own.

It is a transaction of its own after the one that staged: the rules of a draft may be read by another login, which sees
only what is committed. That it is still to be done stands on the run since the decision on the envelope, so that the
sweep finishes what a worker that died between the two has left.
"""

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce

from approvals import hooks, services
from approvals.canonical import parse
from approvals.models import Decision, ProposalStatus, ProposedAction, Verdict
from workflows_app.effects.drafts import approvable
from workflows_app.effects.errors import EffectError
from workflows_app.effects.guard import guarded
from workflows_app.models import WorkflowRun
from workflows_app.models.run import TERMINAL

_BUSY: Final = "busy"
# So that one pass stays short; the next one goes on.
_MOST: Final = 100


def stranger(proposal: ProposedAction, decision: Decision) -> str:
    """Why a wish of this decision is not one that the card offered; empty when each is."""
    offered = approvable(parse(proposal.effects))
    unknown = [item for item, digest in services.also_of(decision).items() if offered.get(item) != digest]
    return f"{unknown[0]} is not a draft of this card that can be approved with it." if unknown else ""


def wish(decision: Decision) -> dict[str, Any]:
    """What the run of an approved envelope keeps until its drafts are approved too, if any were ticked."""
    return {"drafts_wished_at": decision.decided_at if services.also_of(decision) else None}


def unfinished() -> QuerySet[WorkflowRun]:
    """Runs that have ended, and whose ticked drafts nobody came to."""
    # By an expression: by the column, SQLite would walk through the index of all runs that have ended.
    runs = WorkflowRun.objects.filter(drafts_wished_at__isnull=False).alias(came=Coalesce("status", Value("")))
    return runs.filter(came__in=sorted(TERMINAL))


def approve_left() -> int:
    """Finish what workers that died have left; how many drafts were approved."""
    left = unfinished().order_by("drafts_wished_at").values_list("pk", flat=True)
    return sum(approve_drafts(run_id) for run_id in list(left[:_MOST]))


def approve_drafts(run_id: str) -> int:
    """Decide the drafts of a run that its gate's decision names and that wait; how many were approved.

    Done with when the run has ended and none was refused only because the database was busy.
    """
    wished = WorkflowRun.objects.filter(pk=run_id, drafts_wished_at__isnull=False)
    run = wished.values_list("status", "drafts_wished_at").first()
    decision = _decision(run_id) if run else None
    if run is None:
        return 0
    outcomes = [_approve(draft, decision, digest) for draft, digest in _waiting(run_id, decision)] if decision else []
    if run[0] in TERMINAL and _BUSY not in outcomes:
        wished.filter(drafts_wished_at=run[1]).update(drafts_wished_at=None)
    return outcomes.count("approved")


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


def _approve(draft: str, decision: Decision, digest: str) -> str:
    """Take the decision; what goes wrong with one draft leaves it as it is, and the next has its own."""
    try:
        with guarded():
            channel = f"{decision.channel[:20]}, with its envelope"
            result = services.decide(draft, Verdict.APPROVE, user=decision.user, channel=channel, digest=digest)
    except EffectError as error:
        return "refused" if error.permanent else _BUSY
    return _BUSY if result.message == hooks.BUSY else result.outcome

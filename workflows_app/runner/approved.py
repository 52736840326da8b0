"""Only what a person approved is applied: effects are held against the decision on the proposal that released them."""

from typing import Any

from django.db.models import F

from approvals.canonical import digest, parse
from approvals.models import ProposalStatus, ProposedAction, Verdict
from workflows_app.effects.data import Plan
from workflows_app.effects.difference import only_stages
from workflows_app.models import WorkflowRun

_NOBODY = "nobody approved it"
_CHANGED = "what was approved has been changed since"


def gate_refusal(run: WorkflowRun) -> str:
    """Why the plan of a gated run must not be applied, in words; empty when a person approved all of it.

    Items that only stage proposals may differ: each of those gets a decision of its own. Items may be missing: they
    were dropped when the run was checked again.
    """
    proposal = _decided(pk=run.proposal_id, run_id=run.pk)
    if proposal is None:
        return _NOBODY
    if not proposal.digest == digest(proposal.effects) == run.digest:
        return _CHANGED
    seen: Plan = parse(proposal.effects)["plan"]
    approved = {(item["step"], item["item"]): item for item in seen}
    plan: Plan = parse(run.plan)
    foreign = [
        item["step"] for item in plan if approved.get((item["step"], item["item"])) != item and not only_stages(item)
    ]
    return f"{', '.join(foreign)}: this is not what was approved" if foreign else ""


def leaf_refusal(proposal: ProposedAction) -> str:
    """Why the effects of an approved leaf must not be applied, in words; empty when they are what was approved."""
    if _decided(pk=proposal.pk) is None:
        return _NOBODY
    return "" if proposal.digest == digest(proposal.effects) else _CHANGED


def _decided(**conditions: Any) -> ProposedAction | None:
    """The approved proposal, if a decision on its very digest is on record."""
    found = ProposedAction.objects.filter(
        status=ProposalStatus.APPROVED,
        decisions__verdict=Verdict.APPROVE,
        decisions__digest_decided=F("digest"),
        **conditions,
    )
    return next(iter(found.order_by()), None)  # one at most: a proposal is decided once

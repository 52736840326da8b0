"""Only what a person approved is applied: a run's plan is held against the proposal that released it."""

from django.db.models import F

from approvals.canonical import digest, parse
from approvals.models import ProposalStatus, ProposedAction, Verdict
from workflows_app.effects.data import Plan
from workflows_app.effects.difference import only_stages
from workflows_app.models import WorkflowRun


def refusal(run: WorkflowRun) -> str:
    """Why the plan of a gated run must not be applied, in words; empty when a person approved all of it.

    Items that only stage proposals may differ: each of those gets a decision of its own. Items may be missing: they
    were dropped when the run was checked again.
    """
    proposal = ProposedAction.objects.filter(
        pk=run.proposal_id,
        run_id=run.pk,
        status=ProposalStatus.APPROVED,
        decisions__verdict=Verdict.APPROVE,
        decisions__digest_decided=F("digest"),
    ).first()
    if proposal is None:
        return "nobody approved it"
    if not proposal.digest == digest(proposal.effects) == run.digest:
        return "what was approved has been changed since"
    seen: Plan = parse(proposal.effects)["plan"]
    approved = {(item["step"], item["item"]): item for item in seen}
    plan: Plan = parse(run.plan)
    foreign = [
        item["step"] for item in plan if approved.get((item["step"], item["item"])) != item and not only_stages(item)
    ]
    return f"{', '.join(foreign)}: this is not what was approved" if foreign else ""

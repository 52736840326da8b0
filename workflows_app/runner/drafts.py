"""What planning reads of a run's drafts, which `runner/drafting.py` froze before the run was planned."""

from workflows_app.contracts.schema import Contract
from workflows_app.drafting.frozen import NOT_DRAFTED, Drafts, Frozen
from workflows_app.models import WorkflowRun
from workflows_app.models.drafting import LETTER, DraftedText
from workflows_app.steps.kinds.hitl_email_draft import HitlEmailDraft


def drafted_steps(contract: Contract) -> frozenset[str]:
    """The steps whose letters ask for a language model; most contracts have none, and cost nothing."""
    return frozenset(step.name for step in contract.fan_out if isinstance(step, HitlEmailDraft) and step.drafted)


def drafts_of(run: WorkflowRun, contract: Contract) -> Drafts:
    """The drafted letters of a run; they never change once the run was planned, whatever the settings say now."""
    if not drafted_steps(contract):
        return NOT_DRAFTED
    rows = DraftedText.objects.filter(run_id=run.pk, purpose=LETTER)
    return Drafts(letters={row.key: Frozen(text=row.text, refusal=row.refusal, model=row.model) for row in rows})

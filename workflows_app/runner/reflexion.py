"""A language model's summary of a run that has ended: one more row beside its reflexion, which stays as it was written.

It is asked after the run is over and outside any transaction, so no run waits for it; it is asked once, and when it
does not answer well, what was recorded is all there is.
"""

from datetime import datetime

from approvals.canonical import digest
from workflows_app.drafting.endpoint import endpoint
from workflows_app.drafting.reflexions import draft_reflexion
from workflows_app.models import DraftedText, ReflexionLog
from workflows_app.models.drafting import REFLEXION


def draft(run_id: str, now: datetime) -> bool:
    """Ask, unless that was done or drafting is off by now; whether there is a new row. Call it outside transactions."""
    asked = endpoint()
    found = ReflexionLog.objects.filter(pk=run_id).first()
    if asked is None or found is None or summary(run_id) is not None:
        return False
    text = draft_reflexion(asked, found.narrative)
    row = DraftedText(
        run_id=run_id,
        purpose=REFLEXION,
        key=digest(found.narrative),
        text=text.text,
        refusal=text.refusal,
        model=text.model,
        created_at=now,
    )
    DraftedText.objects.bulk_create([row], ignore_conflicts=True)
    return True


def summary(run_id: str) -> DraftedText | None:
    """What a model said of a run, or why it did not; None when it was never asked."""
    return DraftedText.objects.filter(run_id=run_id, purpose=REFLEXION).first()

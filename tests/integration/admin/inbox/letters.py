"""Letters that wait in the inbox."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from approvals.models import ProposedAction
from tests.integration.admin.rows import leaf, letter, stage
from workflows_app.effects.card import columns
from workflows_app.models import WorkflowRun

HOUR = timedelta(hours=1)


def wait(
    number: str, *, due: timedelta = HOUR, expires: timedelta = 24 * HOUR, amount: str = "", **changes: Any
) -> ProposedAction:
    """A letter that waits, to look at. `due` and `expires` are from when it was proposed."""
    proposal = stage(leaf(letter(id=f"cs-eml-{number}")), number, **{"title": f"Letter {number}", **changes})
    moved = {"window_ends_at": proposal.proposed_at + due, "expires_at": proposal.proposed_at + expires}
    rows = ProposedAction.objects.filter(pk=proposal.pk)
    rows.update(**moved, amount=Decimal(amount) if amount else None)
    return rows.get()


def draft(run: WorkflowRun, number: str, **changes: Any) -> ProposedAction:
    """A letter that `run` staged, which can be approved."""
    effect = letter(id=f"cs-eml-{number}", attachments=[])
    text = leaf(effect, **{"title": f"Letter {number}", "recheck": [], "alias": "", **changes})
    place = {"run_id": run.pk, "step": "welcome_email", "item": number}
    return stage(text, number, **columns(text), **place)

"""Stage: write frozen effects down as a proposal."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta

from approvals.canonical import digest
from approvals.clock import database_now
from approvals.models import ProposedAction
from approvals.new_proposal import NewProposal


def stage(new: NewProposal) -> ProposedAction:
    """Insert one pending proposal in the caller's transaction. Raises `IntegrityError` when its place is taken."""
    return stage_many([new])[0]


def stage_many(new: Iterable[NewProposal]) -> list[ProposedAction]:
    """Insert pending proposals with one statement. Raises `IntegrityError` when a place is taken."""
    now = database_now()
    return ProposedAction.objects.bulk_create([_row(proposal, now) for proposal in new])


def _row(new: NewProposal, now: datetime) -> ProposedAction:
    fields = asdict(new)
    return ProposedAction(
        digest=digest(new.effects),
        proposed_at=now,
        window_ends_at=now + timedelta(minutes=fields.pop("window_minutes")),
        expires_at=now + timedelta(seconds=fields.pop("expires_seconds")),
        **fields,
    )

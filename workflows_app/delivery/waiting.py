"""Letters that waited, for a server or for a hold to end: whether they may still leave is asked again.

The rules are the runner's, which stands above; it registers what is asked, once, at start-up.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from approvals.clock import database_now
from approvals.models import ProposedAction
from workflows_app.models import Hold

FRESH_FOR = timedelta(minutes=2)

Objection = Callable[[ProposedAction], str]
"""Why the letters of an approved proposal may not leave any more, in words; empty when they may."""

_registered: list[Objection] = []


def register(objection: Objection) -> None:
    """Let `objection` be asked from now on, instead of what was registered before."""
    _registered[:] = [objection]


def fresh_since() -> datetime:
    """A letter queued before this moment has waited: for two minutes, or since the hold switch was turned."""
    turned = Hold.objects.filter(pk=1).values_list("changed_at", flat=True).first()
    recently = database_now() - FRESH_FOR
    return recently if turned is None else max(turned, recently)


def objection(proposal: ProposedAction) -> str:
    """Why its letters may not leave any more; the caller holds the shared lock."""
    return next((reason for ask in _registered if (reason := ask(proposal))), "")

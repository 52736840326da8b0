"""Which changes of a record in NetSuite a push knows of: those its plan saw, and our own that followed from there.

What is later than these was changed by somebody else, and is not overwritten without a new proposal.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from workflows_app.models import PendingPush
from workflows_app.netsuite.client import Record
from workflows_app.netsuite.comparison import differences
from workflows_app.netsuite.mirrors import ns_id_of
from workflows_app.netsuite.moments import last_modified, later
from workflows_app.netsuite.payloads import wire
from workflows_app.netsuite.push_queue import payload

# A request that timed out may still be running there; before it is sent again it gets this long to arrive.
GRACE = timedelta(seconds=60)


def arrived_as(push: PendingPush) -> str:
    """The internal id that our last push of this record was confirmed with; nothing when there was none."""
    return _arrived(push).order_by("-confirmed_at").values_list("ns_id", flat=True).first() or ""


def is_foreign(push: PendingPush, body: Record, found: Record, *, ns_id: str) -> bool:
    """Whether somebody else changed the record since the plan. `body`: what is to be sent; `ns_id`: as known before.

    Where NetSuite does not say when it was changed, nobody can tell, and it is not.
    """
    known, own = _known(push)
    if known is None and not ns_id:
        known = None if push.sent_at is None else push.sent_at + GRACE
    changed = last_modified(found)
    if changed is None or (known is not None and not later(changed, known)):
        return False
    return not _is_our_late_request(own, body, found)


def _known(push: PendingPush) -> tuple[datetime | None, list[PendingPush]]:
    """The latest change that this push knows of, and those of our own that lead there.

    One of our own counts when what it knew itself was known: else its plan had seen a change that ours had not.
    """
    moments = (push.expected_modified, push.confirmed_modified)
    known = max((moment for moment in moments if moment is not None), default=None)
    own = []
    for other in _arrived(push).order_by("confirmed_at", "pk"):
        seen = other.expected_modified
        if seen is None or (known is not None and not later(seen, known)):
            own.append(other)
            known = max((moment for moment in (known, other.confirmed_modified) if moment is not None), default=None)
    return known, own


def _is_our_late_request(own: list[PendingPush], body: Record, found: Record) -> bool:
    """A request that we gave up may arrive after its repetition was confirmed: then all is as that one left it."""
    repeated = next((push for push in reversed(own) if push.attempts), None)
    if repeated is None:
        return False
    sent = wire(payload(repeated), ns_id_of)
    return set(body) <= set(sent) and not differences(sent, found)


def _arrived(push: PendingPush) -> QuerySet[PendingPush]:
    """Our own pushes of this record that NetSuite confirmed."""
    same = PendingPush.objects.filter(record_type=push.record_type, external_id=push.external_id)
    return same.filter(status="applied")

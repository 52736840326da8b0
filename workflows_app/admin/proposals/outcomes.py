"""What became of the effects of an approved proposal: a fixed number of queries, whatever it did."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from django.contrib.admin.utils import quote
from django.urls import reverse

from approvals.models import Outcome, ProposalStatus, ProposedAction, Verdict
from approvals.services import also_of
from workflows_app.models import OutboundEmail, PendingPush, WorkflowRun, WorkflowStep
from workflows_app.presentation.endings import NOTHING_YET, Ending, Endings

_STEPS: Final[Mapping[str, tuple[str, str]]] = {
    "pending": ("not yet done", "open"),
    "running": ("being done", "open"),
    "retrying": ("to be tried again", "warn"),
    "done": ("done", "good"),
    "skipped": ("", ""),
    "dropped": ("left out", "warn"),
    "not_reached": ("not reached", "warn"),
    "failed": ("failed", "bad"),
}
_PUSHES: Final[Mapping[str, tuple[str, str]]] = {
    "pending": ("waits to leave", "open"),
    "in_flight": ("on its way", "open"),
    "retrying": ("to be sent again", "warn"),
    "applied": ("confirmed by NetSuite", "good"),
    "outcome_unknown": ("NetSuite’s answer is missing", "warn"),
    "conflict": ("not sent: changed in NetSuite", "bad"),
    "dead": ("not sent", "bad"),
}
_LETTERS: Final[Mapping[str, tuple[str, str]]] = {
    "queued": ("waits to leave", "open"),
    "sending": ("on its way", "open"),
    "sent": ("sent", "good"),
    "uncertain": ("perhaps sent", "warn"),
    "failed": ("not sent", "bad"),
    "bounced": ("came back", "bad"),
    "again": ("did not arrive, sent again", "open"),
}
_DECISIONS: Final[Mapping[str, tuple[str, str]]] = {
    "pending": ("waits for its decision", "warn"),
    "approved": ("approved", "good"),
    "rejected": ("rejected", "bad"),
    "expired": ("expired", "warn"),
    "superseded": ("replaced by a newer one", "open"),
    "closed": ("closed", "warn"),
}
_LEFT: Final = "It was ticked on this card, and did not fit any more when its turn came: decide it by itself."


def outcomes(proposal: ProposedAction) -> Endings:
    """Of each step, letter, record and draft; nothing for what was not approved."""
    if proposal.status != ProposalStatus.APPROVED:
        return NOTHING_YET
    steps = dict(_steps(proposal)) if not proposal.step else {("", ""): _leaf(proposal)}
    return Endings(steps=steps, effects=dict(chain(_letters(proposal), _pushes(proposal), _drafts(proposal))))


def _leaf(proposal: ProposedAction) -> Ending:
    if proposal.outcome == Outcome.APPROVED:
        return Ending(text="not yet done", look="open")
    return Ending(text="done", look="good")


def _steps(proposal: ProposedAction) -> Iterator[tuple[tuple[str, str], Ending]]:
    rows = WorkflowStep.objects.filter(run_id=proposal.run_id).values_list("step", "item", "status", "error")
    for step, item, status, error in rows:
        text, look = _STEPS.get(status, (status, ""))
        if text:
            yield (step, item), Ending(text=text, look=look, note=error)


def _letters(proposal: ProposedAction) -> Iterator[tuple[str, Ending]]:
    rows = OutboundEmail.objects.filter(proposed_action=proposal.pk)
    columns = ("pk", "status", "error", "bounced_at", "replacement__pk")
    for key, status, error, bounced_at, second in rows.values_list(*columns):
        stands = "again" if second else "bounced" if bounced_at else status
        text, look = _LETTERS.get(stands, (stands, ""))
        link = reverse("admin:workflows_app_outboundemail_change", args=[quote(key)])
        yield key, Ending(text=text, look=look, note=error, link=link)


def _pushes(proposal: ProposedAction) -> Iterator[tuple[str, Ending]]:
    rows = PendingPush.objects.filter(proposal=proposal.pk).values_list("pk", "status", "ns_id", "last_error")
    for key, status, ns_id, error in rows:
        text, look = _PUSHES.get(status, (status, ""))
        note = f"NetSuite’s own number: {ns_id}" if ns_id else error
        link = reverse("admin:workflows_app_pendingpush_change", args=[quote(key)])
        yield key, Ending(text=text, look=look, note=note, link=link)


def _drafts(proposal: ProposedAction) -> Iterator[tuple[str, Ending]]:
    """The proposals that the steps of the run have staged."""
    if proposal.step or not proposal.run_id:
        return
    ticked = _ticked(proposal)
    yield from ((key, Ending(text="to be approved with it", look="open")) for key in ticked)
    rows = ProposedAction.objects.filter(run_id=proposal.run_id).exclude(step="").order_by("pk")
    for key, status, reason in rows.values_list("pk", "status", "closed_reason"):
        text, look = _DECISIONS.get(status, (status, ""))
        link = reverse("admin:approvals_proposedaction_change", args=[quote(key)])
        note = ticked.get(key, "") if status == ProposalStatus.PENDING else reason
        yield key, Ending(text=text, look=look, note=note, link=link)


def _ticked(proposal: ProposedAction) -> Mapping[str, str]:
    """The drafts that were to be approved with it, each with what to say while it waits nevertheless."""
    approval = proposal.decisions.filter(verdict=Verdict.APPROVE).first()
    ticked = also_of(approval) if approval else {}
    if not ticked:
        return {}
    under_way = WorkflowRun.objects.filter(pk=proposal.run_id, drafts_wished_at__isnull=False).exists()
    return dict.fromkeys(ticked, "" if under_way else _LEFT)

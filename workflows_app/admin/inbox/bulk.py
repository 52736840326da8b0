"""Deciding several proposals of one kind together: a page that asks once more, one POST, and a line for each.

Each brings the digest that the list showed and is a decision of its own: what changed meanwhile fails alone.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from approvals import policy, services
from approvals.models import ProposalStatus, ProposedAction, Verdict
from workflows_app.admin import access
from workflows_app.admin.inbox.filters import Filters
from workflows_app.admin.inbox.rows import Row, read_rows
from workflows_app.admin.inbox.views import allow
from workflows_app.admin.proposals.drafts import ALL, promised, wished
from workflows_app.admin.proposals.reasons import given, recent_reasons
from workflows_app.effects.errors import EffectError
from workflows_app.effects.guard import guarded
from workflows_app.presentation import words
from workflows_app.presentation.people import told
from workflows_app.runner.hold import on_hold

MOST: Final = 50
_FAILED: Final = "It could not be decided, so nothing of it was done. Try again."

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Ticked:
    """One that was ticked. `digest` is of what the list showed; `trouble` says why it would fail, or nothing.

    `drafts`: how many of the drafts that it will stage can be approved with it.
    """

    row: Row
    digest: str
    trouble: str
    drafts: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """What came of one of them; `drafts`: what comes of those that it stages."""

    row: Row
    outcome: str
    message: str
    drafts: str = ""


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """The page that asks once more. `kinds` has several names when that is refused."""

    ticked: tuple[Ticked, ...]
    amount: str
    kinds: tuple[str, ...]
    error: str
    reason: str
    reasons: tuple[str, ...]
    also: bool

    @property
    def drafts(self) -> int:
        """How many drafts can be approved with them; leaves stage none."""
        return sum(each.drafts for each in self.ticked if not each.trouble)

    @property
    def can_decide(self) -> bool:
        """One kind only."""
        return len(self.kinds) == 1


def bulk(request: HttpRequest) -> HttpResponse:
    """Ask once more, or decide when a verdict comes with it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    allow(request)
    refusal = access.decide_refusal(request.user)
    if refusal:
        raise PermissionDenied(refusal)
    proposals = _ticked(request)
    if not proposals:
        messages.warning(request, "Tick the proposals first that you want to decide together.")
        return HttpResponseRedirect(_inbox(request))
    verdict = request.POST.get("verdict", "")
    asked = _read(request, proposals, _objection(request, verdict))
    if verdict not in (Verdict.APPROVE, Verdict.REJECT) or asked.error or not asked.can_decide:
        return _ask(request, asked)
    return _tell(request, [_decide(request, proposal, Verdict(verdict)) for proposal in proposals])


def _ticked(request: HttpRequest) -> list[ProposedAction]:
    """What was ticked and exists, in the order of the list."""
    ids = list(dict.fromkeys(request.POST.getlist("ticked")))[:MOST]
    rows = ProposedAction.objects.filter(pk__in=ids).defer("payload", "difference", "edits")
    found = {proposal.pk: proposal for proposal in rows}
    return [found[pk] for pk in ids if pk in found]


def _digest(request: HttpRequest, pk: str) -> str:
    return request.POST.get(f"digest:{pk}", "")


def _objection(request: HttpRequest, verdict: str) -> str:
    if len(set(request.POST.getlist("ticked"))) > MOST:
        return f"At most {MOST} are decided together; these are the first."
    known = verdict in (Verdict.APPROVE, Verdict.REJECT)
    return (policy.reason_refusal(Verdict(verdict), given(request)) or "") if known else ""


def _read(request: HttpRequest, proposals: Sequence[ProposedAction], error: str) -> Bulk:
    rows = read_rows(proposals, timezone.now())
    ticked = tuple(
        Ticked(
            row=row,
            digest=_digest(request, row.pk),
            trouble=_trouble(proposal, _digest(request, row.pk)),
            drafts=len(wished(proposal, [ALL])),
        )
        for row, proposal in zip(rows, proposals, strict=True)
    )
    amounts = [proposal.amount for proposal in proposals if proposal.amount is not None]
    return Bulk(
        ticked=ticked,
        amount=words.money(sum(amounts, start=amounts[0] * 0)) if amounts else "",
        kinds=tuple({row.group: row.what for row in rows}.values()),
        error=error,
        reason=given(request),
        reasons=recent_reasons(proposals[0].action_type),
        also=ALL in request.POST.getlist("also"),
    )


def _trouble(proposal: ProposedAction, digest: str) -> str:
    if proposal.status != ProposalStatus.PENDING:
        return f"is {proposal.get_status_display().lower()} by now"
    return "" if proposal.digest == digest else "has changed since the list was read"


def _decide(request: HttpRequest, proposal: ProposedAction, verdict: Verdict) -> Line:
    """One decision with all that belongs to one; what goes wrong with it does not end the others."""
    row = read_rows([proposal], timezone.now())[0]
    also = wished(proposal, [ALL]) if ALL in request.POST.getlist("also") else {}
    try:
        with guarded():
            result = services.decide(
                proposal.pk,
                verdict,
                user=request.user,
                channel="admin",
                digest=_digest(request, proposal.pk),
                reason=given(request),
                also=also,
            )
    except EffectError:
        logger.exception("the proposal %s could not be decided", proposal.pk)
        return Line(row=row, outcome="failed", message=_FAILED)
    drafts = promised(len(also)) if result.outcome == "approved" else ""
    return Line(row=row, outcome=result.outcome, message=told(result.message), drafts=drafts)


def _ask(request: HttpRequest, asked: Bulk) -> HttpResponse:
    status = 422 if asked.error or not asked.can_decide else 200
    return _page(request, {"title": "Decide together", "bulk": asked}, status)


def _tell(request: HttpRequest, lines: Sequence[Line]) -> HttpResponse:
    done = sum(line.outcome in ("approved", "rejected") for line in lines)
    held = on_hold() and any(line.outcome == "approved" for line in lines)
    return _page(request, {"title": "Decided together", "lines": lines, "done": done, "held": held}, 200)


def _page(request: HttpRequest, own: dict[str, object], status: int) -> HttpResponse:
    context = {**admin.site.each_context(request), **own, "inbox": _inbox(request), "query": _query(request)}
    return TemplateResponse(request, "admin/countersign/inbox_bulk.html", context, status=status)


def _query(request: HttpRequest) -> str:
    return Filters.read(request.GET).query


def _inbox(request: HttpRequest) -> str:
    query = _query(request)
    return f"{reverse('inbox:list')}?{query}" if query else reverse("inbox:list")

"""The POSTs of a card. Each is one service call; a GET is refused, so that nothing is ever decided by following a link.

The policy lives in `approvals`: these views hand on who is logged in and which digest the page showed, and show what
came of it (`answers.py`).
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed

from approvals import services
from approvals.models import ProposedAction, Verdict
from approvals.principals import Principal
from workflows_app.admin import access
from workflows_app.admin.proposals.answers import answer, is_htmx, refused
from workflows_app.admin.proposals.drafts import promised, wished
from workflows_app.admin.proposals.editing import changes, edit_fields, with_typed
from workflows_app.admin.proposals.page import read
from workflows_app.admin.proposals.reasons import given
from workflows_app.runner.hold import on_hold

Post = Callable[[Any, HttpRequest, str], HttpResponse]
_TICK_AGAIN = "Look which drafts are still ticked."
_HELD = "Everything is on hold: it is done when the hold is lifted."


def decide(page: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """Approve or reject what was shown."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    proposal = _proposal(page, request, object_id)
    refusal = access.decide_refusal(request.user)
    if refusal:
        return refused(page, request, proposal, refusal, status=403)
    verdict = request.POST.get("verdict", "")
    if verdict not in (Verdict.APPROVE, Verdict.REJECT):
        return refused(page, request, proposal, "Choose Approve or Reject.")
    also = wished(proposal, request.POST.getlist("also"))
    result = services.decide(
        proposal.pk,
        Verdict(verdict),
        user=request.user,
        channel="admin",
        digest=request.POST.get("digest", ""),
        reason=given(request),
        also=also,
    )
    if result.outcome == "refused":
        return refused(page, request, proposal, result.message)
    return answer(request, proposal, result.outcome, _told(request, result, len(also)), result.replacement_id or "")


def edit(page: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """Put an edited proposal in the place of this one; a refused edit shows the form again with nothing lost."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    proposal = _proposal(page, request, object_id)
    posted = {name: str(value) for name, value in request.POST.items()}
    fields = edit_fields(proposal) if read(proposal) is not None else ()
    edits = changes(with_typed(fields, posted))
    if not edits:
        return answer(request, proposal, "same", "Nothing was changed, so there is nothing to propose anew.")
    result = services.edit(proposal.pk, edits, user=request.user, channel="admin", digest=posted.get("digest", ""))
    if result.outcome == "refused":
        return refused(page, request, proposal, result.message, posted=posted)
    message = "Edited. This is the new card; it waits for a decision like any other."
    return answer(request, proposal, "edited", message, result.replacement_id or "")


def again(page: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """Plan an expired or closed proposal afresh."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    proposal = _proposal(page, request, object_id)
    refusal = access.decide_refusal(request.user)
    if refusal:
        return refused(page, request, proposal, refusal, status=403)
    try:
        new = services.propose_again(proposal.pk, str(Principal.person(request.user)))  # type: ignore[arg-type]
    except services.DecisionRefusedError as error:
        return refused(page, request, proposal, str(error))
    return answer(request, proposal, "again", "Proposed again; this is the new card.", new.pk)


def _proposal(page: Any, request: HttpRequest, object_id: str) -> ProposedAction:
    if not page.has_view_permission(request):
        raise PermissionDenied
    proposal = ProposedAction.objects.select_related("supersedes").filter(pk=unquote(object_id)).first()
    if proposal is None:
        raise Http404(f"There is no proposal {object_id}.")
    return proposal


def _told(request: HttpRequest, result: services.DecisionResult, drafts: int) -> str:
    """What the service said and what comes of the ticked drafts.

    During a hold also that nothing is done yet, as a message of its own on a page.
    """
    if result.outcome != "approved":
        return f"{result.message} {_TICK_AGAIN}" if drafts and result.replacement_id else result.message
    message = " ".join(filter(None, (result.message, promised(drafts))))
    if not on_hold():
        return message
    if is_htmx(request):
        return f"{message} {_HELD}"
    messages.warning(request, _HELD)
    return message

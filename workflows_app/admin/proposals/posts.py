"""The POSTs of a card. Each is one service call; a GET is refused, so that nothing is ever decided by following a link.

The policy lives in `approvals`: these views hand on who is logged in and which digest the page showed, and show what
came of it.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from approvals import services
from approvals.models import ProposedAction, Verdict
from approvals.principals import Principal
from workflows_app.admin import access
from workflows_app.admin.proposals.editing import changes, edit_fields, with_typed
from workflows_app.admin.proposals.page import card_page, read
from workflows_app.runner.hold import on_hold

Post = Callable[[Any, HttpRequest, str], HttpResponse]
_LOOKS = {"approved": messages.SUCCESS, "rejected": messages.SUCCESS, "refused": messages.ERROR}


def decide(page: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """Approve or reject what was shown."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    proposal = _proposal(page, request, object_id)
    verdict = request.POST.get("verdict", "")
    if verdict not in (Verdict.APPROVE, Verdict.REJECT):
        messages.error(request, "Choose Approve or Reject.")
        return _to(proposal.pk)
    result = services.decide(
        proposal.pk,
        Verdict(verdict),
        user=request.user,
        channel="admin",
        digest=request.POST.get("digest", ""),
        reason=request.POST.get("reason", ""),
    )
    return _answer(request, result)


def edit(page: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """Put an edited proposal in the place of this one; a refused edit shows the form again with nothing lost."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    proposal = _proposal(page, request, object_id)
    posted = {name: str(value) for name, value in request.POST.items()}
    fields = edit_fields(proposal) if read(proposal) is not None else ()
    edits = changes(with_typed(fields, posted))
    if not edits:
        messages.warning(request, "Nothing was changed, so there is nothing to propose anew.")
        return _to(proposal.pk)
    result = services.edit(proposal.pk, edits, user=request.user, channel="admin", digest=posted.get("digest", ""))
    if result.outcome != "refused":
        messages.success(request, "Edited. This is the new card; it waits for a decision like any other.")
        return _to(result.replacement_id or proposal.pk)
    proposal = _proposal(page, request, object_id)
    shown = card_page(proposal, request.user, timezone.now(), posted=posted, error=result.message)
    return _again_with_errors(page, request, object_id, shown)


def again(page: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """Plan an expired or closed proposal afresh."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    proposal = _proposal(page, request, object_id)
    refusal = access.decide_refusal(request.user)
    if refusal:
        messages.error(request, refusal)
        return _to(proposal.pk)
    try:
        new = services.propose_again(proposal.pk, str(Principal.person(request.user)))  # type: ignore[arg-type]
    except services.DecisionRefusedError as error:
        messages.error(request, str(error))
        return _to(proposal.pk)
    messages.success(request, "Proposed again; this is the new card.")
    return _to(new.pk)


def _again_with_errors(page: Any, request: HttpRequest, object_id: str, shown: Any) -> HttpResponse:
    """The card as a GET would show it, with the typed values and the error in place."""
    request.method = "GET"
    response: HttpResponse = page.change_view(request, object_id, extra_context={"page": shown})
    response.status_code = 422
    return response


def _proposal(page: Any, request: HttpRequest, object_id: str) -> ProposedAction:
    if not page.has_view_permission(request):
        raise PermissionDenied
    proposal = ProposedAction.objects.select_related("supersedes").filter(pk=unquote(object_id)).first()
    if proposal is None:
        raise Http404(f"There is no proposal {object_id}.")
    return proposal


def _answer(request: HttpRequest, result: services.DecisionResult) -> HttpResponse:
    messages.add_message(request, _LOOKS.get(result.outcome, messages.WARNING), result.message)
    if result.outcome == "approved" and on_hold():
        messages.warning(request, "Everything is on hold: it is done when the hold is lifted.")
    return _to(result.replacement_id or result.proposal.pk)


def _to(proposal_id: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:approvals_proposedaction_change", args=[quote(proposal_id)]))

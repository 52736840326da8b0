"""What the browser gets after a POST of a card: a page, a redirect, or for the inbox the card alone."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from approvals.models import ProposedAction
from workflows_app.admin.proposals.drafts import still_ticked
from workflows_app.admin.proposals.page import CardPage, card_page
from workflows_app.admin.proposals.reasons import card_context, given
from workflows_app.presentation.people import told

EVENT: Final = "countersign:decided"
_LOOKS: Final[Mapping[str, int]] = {
    "approved": messages.SUCCESS,
    "rejected": messages.SUCCESS,
    "edited": messages.SUCCESS,
    "again": messages.SUCCESS,
    "refused": messages.ERROR,
}
_NEWER: Final = "A newer proposal took the place of the one that you saw. This is it, with what changed."
_SETTLED: Final = frozenset({"approved", "rejected"})


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a POST, as the inbox's script reads it. `now` is the proposal to look at next, if it is another."""

    id: str
    outcome: str
    message: str
    title: str
    now: str = ""


def answer(request: HttpRequest, proposal: ProposedAction, outcome: str, message: str, now: str = "") -> HttpResponse:
    """Something happened: the card as it stands now for htmx, else a redirect to it, or to the inbox's next one."""
    said = Outcome(id=proposal.pk, outcome=outcome, message=told(message), title=proposal.title, now=now)
    if is_htmx(request):
        return card(request, _with_ticks(request, proposal, read_card_page(request, now or proposal.pk)), said)
    messages.add_message(request, _LOOKS.get(outcome, messages.WARNING), _whole(request, said))
    return HttpResponseRedirect(_address(request, said))


def card(request: HttpRequest, shown: CardPage, said: Outcome, *, reason: str = "", status: int = 200) -> HttpResponse:
    """The card alone, with an event that tells the page around it what came of the POST."""
    context = dict(card_context(shown, reason))
    response = render(request, "admin/countersign/card_body.html", context, status=status)
    response["HX-Trigger-After-Swap"] = json.dumps({EVENT: asdict(said)})
    return response


def refused(
    page: Any,
    request: HttpRequest,
    proposal: ProposedAction,
    message: str,
    *,
    posted: Mapping[str, str] | None = None,
    status: int = 422,
) -> HttpResponse:
    """Nothing happened: the card as it stands now, with the reason why and with everything that was typed.

    When a newer proposal took its place meanwhile, and no edit was typed, that one is shown with what changed.
    """
    shown = read_card_page(request, proposal.pk, posted, told(message))
    while posted is None and shown.standing is not None and shown.standing.newer is not None:
        shown = read_card_page(request, shown.standing.newer.pk, None, _NEWER)
    shown = _with_ticks(request, proposal, shown)
    reason = given(request)
    if is_htmx(request):
        now = "" if shown.proposal.pk == proposal.pk else shown.proposal.pk
        said = Outcome(id=proposal.pk, outcome="refused", message=shown.error, title=proposal.title, now=now)
        return card(request, shown, said, reason=reason, status=status)
    request.method = "GET"
    context = card_context(shown, reason)
    response: HttpResponse = page.change_view(request, quote(shown.proposal.pk), extra_context=context)
    response.status_code = status
    return response


def read_card_page(
    request: HttpRequest, proposal_id: str, posted: Mapping[str, str] | None = None, error: str = ""
) -> CardPage:
    """The card as it stands now. Raises `ProposedAction.DoesNotExist`."""
    proposal = ProposedAction.objects.select_related("supersedes").get(pk=proposal_id)
    return card_page(proposal, request.user, timezone.now(), posted=posted, error=error)


def _with_ticks(request: HttpRequest, seen: ProposedAction, shown: CardPage) -> CardPage:
    """The card with what was ticked on the one that was seen, as far as it is the same there."""
    return replace(shown, ticked=still_ticked(seen, shown.proposal, request.POST.getlist("also")))


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks, which puts the card in the place of the one that was there."""
    return request.headers.get("HX-Request") == "true"


def _whole(request: HttpRequest, said: Outcome) -> str:
    """The message with what it is about, when the page that follows shows another card."""
    return f"{said.title}: {said.message}" if _inbox_query(request) is not None else said.message


def _address(request: HttpRequest, said: Outcome) -> str:
    query = _inbox_query(request)
    if query is None:
        return reverse("admin:approvals_proposedaction_change", args=[quote(said.now or said.id)])
    if said.outcome in _SETTLED:
        return f"{reverse('inbox:next')}?{'&'.join(filter(None, (urlencode({'after': said.id}), query)))}"
    address = reverse("inbox:card_page", args=[quote(said.now or said.id)])
    return f"{address}?{query}" if query else address


def _inbox_query(request: HttpRequest) -> str | None:
    """How the inbox was narrowed when the form was sent from there, else None."""
    referer = urlsplit(request.headers.get("Referer", ""))
    inbox = referer.netloc == request.get_host() and referer.path.startswith(reverse("inbox:list"))
    return referer.query if inbox else None

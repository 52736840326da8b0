"""The pages of the inbox. They only show; decisions are the POSTs of the card (`admin/proposals/posts.py`)."""

from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from approvals.models import ProposedAction
from workflows_app.admin.inbox import order
from workflows_app.admin.inbox.filters import Filters
from workflows_app.admin.inbox.pages import read_inbox, read_listed
from workflows_app.admin.inbox.rows import read_rows
from workflows_app.admin.proposals.page import card_page


def inbox(request: HttpRequest, object_id: str = "") -> HttpResponse:
    """The list with a card: of the proposal that is named, else of the most urgent one."""
    allow(request)
    now = timezone.now()
    read = read_inbox(Filters.read(request.GET), request.user, now)
    rows = read.listed.rows
    chosen = unquote(object_id) or (rows[0].pk if rows else "")
    context = {
        **admin.site.each_context(request),
        "title": "Inbox",
        "is_fullwidth": "1",
        "inbox": read,
        "selected": chosen,
        "named": bool(object_id),
        "page": card_page(proposal(chosen), request.user, now) if chosen else None,
    }
    return TemplateResponse(request, "admin/countersign/inbox.html", context)


def card(request: HttpRequest, object_id: str) -> HttpResponse:
    """The card alone, to put beside the list."""
    allow(request)
    shown = card_page(proposal(unquote(object_id)), request.user, timezone.now())
    return render(request, "admin/countersign/card_body.html", {"page": shown})


def rows(request: HttpRequest) -> HttpResponse:
    """The next rows of the list, to put at its end."""
    allow(request)
    after = proposal(request.GET.get("after", ""))
    listed = read_listed(Filters.read(request.GET), request.user, timezone.now(), after)
    return render(request, "admin/countersign/inbox_rows.html", {"listed": listed, "refusal": ""})


def row(request: HttpRequest, object_id: str) -> HttpResponse:
    """One row, to put in the place of another one."""
    allow(request)
    listed = {
        "rows": read_rows([proposal(unquote(object_id))], timezone.now()),
        "query": Filters.read(request.GET).query,
    }
    return render(request, "admin/countersign/inbox_rows.html", {"listed": listed})


def following(request: HttpRequest) -> HttpResponse:
    """Go to what comes after `after` in the order; to the first when there is nothing, or to the empty inbox."""
    allow(request)
    filters, now = Filters.read(request.GET), timezone.now()
    waiting = filters.narrow(order.waiting(now), request.user).exclude(pk=request.GET.get("after", ""))
    found = order.page(waiting, now, proposal(request.GET.get("after", "")), 1) or order.page(waiting, now, None, 1)
    address = reverse("inbox:card_page", args=[quote(found[0].pk)]) if found else reverse("inbox:list")
    return HttpResponseRedirect(f"{address}?{filters.query}" if filters.any else address)


def allow(request: HttpRequest) -> None:
    """Raises `PermissionDenied` for who may not see proposals."""
    if not request.user.has_perm("approvals.view_proposedaction"):
        raise PermissionDenied


def proposal(pk: str) -> ProposedAction:
    """The proposal with what it replaced. Raises `Http404`."""
    found = ProposedAction.objects.select_related("supersedes").filter(pk=pk).first()
    if found is None:
        raise Http404(f"There is no proposal {pk}.")
    return found


def badge(request: HttpRequest) -> str:
    """How many wait, for the sidebar. Unfold shows its own address instead of a text that is empty."""
    found = order.waiting(timezone.now()).order_by("expires_at")[:100].count()
    return "99+" if found > 99 else str(found)

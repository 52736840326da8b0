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
from workflows_app.admin import access
from workflows_app.admin.inbox import order
from workflows_app.admin.inbox.filters import Filters
from workflows_app.admin.inbox.pages import Listed, read_inbox, read_listed
from workflows_app.admin.inbox.rows import count, read_rows
from workflows_app.admin.proposals.page import card_page
from workflows_app.admin.proposals.reasons import card_context


def inbox(request: HttpRequest, object_id: str = "") -> HttpResponse:
    """The list with a card: of the proposal that is named, else of the most urgent one."""
    allow(request)
    now = timezone.now()
    after = request.GET.get("after", "")
    read = read_inbox(Filters.read(request.GET), request.user, now, proposal(after) if after else None)
    rows = read.listed.rows
    chosen = unquote(object_id) or (rows[0].pk if rows else "")
    page = card_page(proposal(chosen), request.user, now) if chosen else None
    context = {
        **admin.site.each_context(request),
        "title": "Inbox",
        "is_fullwidth": "1",
        "inbox": read,
        "selected": chosen,
        "named": bool(object_id),
        **(card_context(page) if page else {"page": None}),
    }
    return TemplateResponse(request, "admin/countersign/inbox.html", context)


def card(request: HttpRequest, object_id: str) -> HttpResponse:
    """The card alone, to put beside the list."""
    allow(request)
    shown = card_page(proposal(unquote(object_id)), request.user, timezone.now())
    return render(request, "admin/countersign/card_body.html", dict(card_context(shown)))


def rows(request: HttpRequest) -> HttpResponse:
    """The next rows of the list, to put at its end."""
    allow(request)
    after = proposal(request.GET.get("after", ""))
    listed = read_listed(Filters.read(request.GET), request.user, timezone.now(), after)
    return _rows(request, listed)


def row(request: HttpRequest, object_id: str) -> HttpResponse:
    """One row, to put in the place of another one."""
    allow(request)
    found = read_rows([proposal(unquote(object_id))], timezone.now())
    return _rows(request, Listed(rows=found, more="", query=Filters.read(request.GET).query))


def waiting(request: HttpRequest) -> HttpResponse:
    """How much waits, to put over the list."""
    allow(request)
    now = timezone.now()
    counted = count(Filters.read(request.GET).narrow(order.waiting(now), request.user), now)
    return render(request, "admin/countersign/inbox_count.html", {"waiting": counted})


def _rows(request: HttpRequest, listed: Listed) -> HttpResponse:
    context = {"listed": listed, "refusal": access.decide_refusal(request.user)}
    return render(request, "admin/countersign/inbox_rows.html", context)


def following(request: HttpRequest) -> HttpResponse:
    """Go to what comes after `after` in the order; to the first when there is nothing, or to the empty inbox."""
    allow(request)
    filters, now = Filters.read(request.GET), timezone.now()
    after = proposal(request.GET.get("after", ""))
    fitting = filters.narrow(order.waiting(now), request.user).exclude(pk=after.pk)
    found = order.page(fitting, now, after, 1) or order.page(fitting, now, None, 1)
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

"""The push queue: the list, a page per push with NetSuite's own words, and what a person may do about it by POST."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from approvals.canonical import parse
from approvals.principals import Principal
from workflows_app.admin import access
from workflows_app.admin.base import ReadOnlyAdmin, chip, pretty, short
from workflows_app.admin.growing import GrowingAdmin
from workflows_app.admin.large_tables import ValuesLatelySeen, every
from workflows_app.admin.search import beginning, named_customer, of_proposals, of_run
from workflows_app.models import NetSuiteSlot, PendingPush
from workflows_app.netsuite import intervention
from workflows_app.netsuite.client import connect
from workflows_app.netsuite.errors import NetSuiteError
from workflows_app.netsuite.push_queue import WAITING
from workflows_app.presentation import moments
from workflows_app.presentation.records import present_push
from workflows_app.runner.enqueue import ring
from workflows_app.runner.push_again import NoConflictError, propose_again

_LOOKS = {
    "applied": "approved",
    "pending": "pending",
    "in_flight": "running",
    "retrying": "retrying",
    "outcome_unknown": "uncertain",
    "conflict": "bad",
    "dead": "failed",
}

# As the index `push_not_applied` says it.
_NOT_APPLIED = every(*_LOOKS.keys() - {"applied"}, within=~Q(status="applied"))


@admin.register(PendingPush)
class PendingPushAdmin(GrowingAdmin):
    """Records on their way to NetSuite, each with the proposal that allowed it."""

    change_form_template = "admin/countersign/push.html"
    list_display = (
        "external_id",
        "record_type",
        "standing",
        "attempts",
        "next_attempt",
        "words",
        "ns_id",
        "created_at",
    )
    list_filter = (("status", _NOT_APPLIED), ("record_type", ValuesLatelySeen), "created_at")
    search_by = (
        beginning("external_id", "id of the record"),
        beginning("id", "push id"),
        of_proposals(of_run(), named_customer()),
    )
    ordering = ("-created_at", "id")
    canonical = ("payload",)
    code = ("last_error", "answer")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PendingPush]:
        """Without the long texts."""
        rows: QuerySet[PendingPush] = super().get_queryset(request)
        return rows.defer("payload", "answer")

    @admin.display(description="status", ordering="status")
    def standing(self, push: PendingPush) -> SafeString:
        """The status in its colour."""
        return chip(push.status, _LOOKS.get(push.status, ""))

    @admin.display(description="next attempt", ordering="next_attempt_at")
    def next_attempt(self, push: PendingPush) -> str:
        """When it is tried next."""
        if push.status not in WAITING:
            return "—"
        return moments.left(push.next_attempt_at, timezone.now()) if push.next_attempt_at else "now"

    @admin.display(description="what NetSuite said")
    def words(self, push: PendingPush) -> str:
        """The last error on one line."""
        return short(push.last_error) or "—"

    def get_urls(self) -> list[URLPattern]:
        """The three POSTs beside Django's own pages."""
        own = [
            path("<path:object_id>/retry/", self._post(_retry), name="push_retry"),
            path("<path:object_id>/link/", self._post(_link), name="push_link"),
            path("<path:object_id>/again/", self._post(_again), name="push_again"),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of one push."""
        push = PendingPush.objects.select_related("proposal").filter(pk=unquote(object_id)).first()
        page = None if push is None else push_page(push, access.decide_refusal(request.user))
        context = {"title": "NetSuite push", **(extra_context or {}), "page": page}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def _post(self, act: Callable[[HttpRequest, PendingPush], HttpResponse]) -> Any:
        """An action as an admin view: POST only, with a CSRF token, only for those who may decide."""

        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            refusal = access.decide_refusal(request.user)
            if refusal:
                raise PermissionDenied(refusal)
            push = PendingPush.objects.filter(pk=unquote(object_id)).first()
            if push is None:
                raise Http404(f"There is no push {object_id}.")
            return act(request, push)

        return self.admin_site.admin_view(view)


@admin.register(NetSuiteSlot)
class NetSuiteSlotAdmin(ReadOnlyAdmin):
    """Requests to NetSuite that are under way; a lease that ran out belongs to a worker that died."""

    list_display = ("number", "lease_owner", "lease_until")
    ordering = ("number",)


def push_page(push: PendingPush, refusal: str) -> dict[str, Any]:
    """What the page shows. `refusal`: why the visitor may only look."""
    return {
        "push": push,
        "look": _LOOKS.get(push.status, ""),
        "record": _record(push),
        "answer": pretty(push.answer) if push.answer else "",
        "refusal": refusal,
        "can_retry": not refusal and push.status in (*WAITING, "dead"),
        "can_link": not refusal and push.status in (*WAITING, "dead", "conflict"),
        "can_propose": not refusal and push.status == "conflict",
    }


def _record(push: PendingPush) -> Any:
    """The approved record as on its card; nothing when the payload is no record any more."""
    try:
        return present_push(
            {
                "record": parse(push.payload),
                "record_type": push.record_type,
                "external_id": push.external_id,
                "queue": push.queue,
                "on_failure": push.on_failure,
            }
        )
    except (ValueError, AttributeError, TypeError):
        return None


def _retry(request: HttpRequest, push: PendingPush) -> HttpResponse:
    return _answer(request, push, intervention.retry(push.pk, _person(request)))


def _link(request: HttpRequest, push: PendingPush) -> HttpResponse:
    ns_id = request.POST.get("ns_id", "").strip()
    if not ns_id.isascii() or not ns_id.isdigit():
        messages.error(request, "Enter NetSuite's internal id of the record, a number.")
        return _to(push.pk)
    try:
        with connect() as netsuite:
            answer = intervention.link(push.pk, ns_id, netsuite, _person(request))
    except NetSuiteError as error:
        answer = intervention.Answer(done=False, message=error.message)
    return _answer(request, push, answer)


def _again(request: HttpRequest, push: PendingPush) -> HttpResponse:
    try:
        with connect() as netsuite:
            proposal_id = propose_again(push, netsuite, _person(request))
    except (NoConflictError, NetSuiteError) as error:
        messages.error(request, str(error))
        return _to(push.pk)
    messages.success(request, "Proposed; this is its card. Nothing is overwritten before it is approved.")
    return HttpResponseRedirect(reverse("admin:approvals_proposedaction_change", args=[quote(proposal_id)]))


def _answer(request: HttpRequest, push: PendingPush, answer: intervention.Answer) -> HttpResponse:
    if answer.done:
        ring("deliver")
    messages.add_message(request, messages.SUCCESS if answer.done else messages.ERROR, answer.message)
    return _to(push.pk)


def _person(request: HttpRequest) -> str:
    return str(Principal.person(request.user))  # type: ignore[arg-type]  # admin_view lets nobody anonymous in


def _to(push_id: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:workflows_app_pendingpush_change", args=[quote(push_id)]))

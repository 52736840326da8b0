"""Deliveries of webhooks: the list, a page per delivery, and another try by POST."""

from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from approvals.clock import database_now
from workflows_app.admin import access
from workflows_app.admin.base import chip, headed, pretty, short
from workflows_app.admin.growing import GrowingAdmin
from workflows_app.admin.large_tables import every
from workflows_app.admin.machines.base import Button
from workflows_app.admin.search import beginning
from workflows_app.delivery import webhook_queue
from workflows_app.models import WebhookDelivery
from workflows_app.runner.enqueue import ring

_LOOKS: Final = {"waiting": "pending", "delivered": "approved", "dead": "failed"}
# As the index `webhook_delivery_not_delivered` says it.
_NOT_DELIVERED = every("waiting", "dead", within=~Q(status="delivered"))


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(GrowingAdmin):
    """What subscribers were told, and what they answered."""

    change_form_template = "admin/countersign/machine.html"
    nothing = "What subscriptions are told of stands here, each with what was answered."
    list_display = ("event_type", "subscription", "standing", "attempts", "words", "created_at", "delivered_at")
    list_select_related = ("subscription",)
    list_filter = (("status", _NOT_DELIVERED),)
    search_by = (beginning("id", "webhook-id"),)
    ordering = ("-created_at", "id")
    canonical = ("body",)
    code = ("last_error",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        """Without the bodies."""
        rows: QuerySet[WebhookDelivery] = super().get_queryset(request)
        return rows.defer("body")

    @admin.display(description="status")
    def standing(self, row: WebhookDelivery) -> SafeString:
        """The status in its colour."""
        return chip(row.status, _LOOKS.get(row.status, ""))

    @admin.display(description="what was answered")
    def words(self, row: WebhookDelivery) -> str:
        """The last error on one line."""
        return short(row.last_error) or (str(row.last_status) if row.last_status else "—")

    def get_urls(self) -> list[URLPattern]:
        """The POST beside Django's own pages."""
        own = path("<path:object_id>/again/", self.admin_site.admin_view(self.again), name="webhookdelivery_again")
        return [own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of one delivery."""
        row = WebhookDelivery.objects.select_related("subscription").filter(pk=unquote(object_id)).first()
        again = Button(verb="again", label="Try again now", help="From now on for another day.", look="main")
        url = reverse("admin:webhookdelivery_again", args=[quote(row.pk)]) if row else ""
        context = {
            "title": "Webhook delivery",
            **(extra_context or {}),
            **_titled(row),
            "refusal": access.decide_refusal(request.user),
            "chips": ((row.status, _LOOKS.get(row.status, "")),) if row else (),
            "facts": _facts(row) if row else (),
            "body": pretty(row.body) if row else "",
            "buttons": [{"button": again, "url": url}] if row and row.status != "delivered" else [],
        }
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Try it again now; only for those who may decide."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if refusal := access.decide_refusal(request.user):
            raise PermissionDenied(refusal)
        rows = WebhookDelivery.objects.filter(pk=unquote(object_id))
        if not rows.exists():
            raise Http404(f"There is no delivery {object_id}.")
        if webhook_queue.try_again(rows, database_now()):
            ring("deliver")
            messages.success(request, "It is tried again now.")
        else:
            messages.error(request, "It was delivered meanwhile, or its subscription is switched off.")
        return HttpResponseRedirect(reverse("admin:workflows_app_webhookdelivery_change", args=[object_id]))


def _titled(row: WebhookDelivery | None) -> dict[str, Any]:
    """The row under the name of whom it goes to, for its heading and for the place where its page says where one is."""
    if row is None:
        return {}
    there = headed(row, f"{row.event_type} to {row.subscription.name}")
    return {"row": there["original"], **there}


def _facts(row: WebhookDelivery) -> tuple[tuple[str, Any], ...]:
    waits = row.status == "waiting"
    to = reverse("admin:workflows_app_webhooksubscription_change", args=[row.subscription_id])
    event = reverse("admin:workflows_app_event_change", args=[quote(row.event_id)])
    return (
        ("To", format_html('<a href="{}">{}</a>, {}', to, row.subscription.name, row.subscription.url)),
        ("Event", format_html('<a href="{}">{}</a>', event, row.event_id)),
        ("webhook-id", row.pk),
        ("Made", row.created_at),
        ("Attempts", row.attempts),
        ("Next attempt", row.next_attempt_at if waits else None),
        ("Given up at", row.give_up_at if waits else None),
        ("Delivered", row.delivered_at),
        ("Answer", row.last_status),
        ("Trouble", row.last_error),
    )

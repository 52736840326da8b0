"""Alerts: the list, a page per alert with what it is about, and resolving it by POST."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from approvals.clock import database_now
from approvals.principals import Principal
from workflows_app.admin import access
from workflows_app.admin.base import chip, short
from workflows_app.admin.growing import GrowingAdmin
from workflows_app.admin.large_tables import ValuesLatelySeen
from workflows_app.admin.search import beginning, of_run
from workflows_app.models import Alert
from workflows_app.presentation import words
from workflows_app.presentation.people import told, who

Link = tuple[str, str]


@admin.register(Alert)
class AlertAdmin(GrowingAdmin):
    """What Mike must know."""

    change_form_template = "admin/countersign/alert.html"
    list_display = ("what", "standing", "shown_kind", "count", "last_seen_at", "created_at", "about")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), ("kind", ValuesLatelySeen))
    search_by = (of_run(), beginning("key", "key"))
    ordering = ("-last_seen_at", "id")
    code = ("message",)

    @admin.display(description="message", ordering="message")
    def what(self, alert: Alert) -> str:
        """The message on one line."""
        return short(told(alert.message), 160)

    @admin.display(description="kind")
    def shown_kind(self, alert: Alert) -> str:
        """Its kind in words."""
        return words.spaced(alert.kind)

    @admin.display(description="standing", ordering="resolved_at")
    def standing(self, alert: Alert) -> SafeString:
        """Open or resolved."""
        return chip("resolved", "good") if alert.resolved_at else chip("open", "bad")

    @admin.display(description="about")
    def about(self, alert: Alert) -> SafeString | str:
        """Links to what it is about."""
        links = [format_html('<a class="underline" href="{}">{}</a>', url, name) for name, url in about(alert)]
        return format_html("{} {}", links[0], links[1] if links[1:] else "") if links else "—"

    def get_urls(self) -> list[URLPattern]:
        """The POST beside Django's own pages."""
        own = [path("<path:object_id>/resolve/", self.admin_site.admin_view(self.resolve), name="alert_resolve")]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of one alert."""
        alert = _alert(object_id)
        context = {
            **(extra_context or {}),
            "title": "Alert",
            "alert": alert,
            "said": told(alert.message) if alert else "",
            "kind": words.spaced(alert.kind) if alert else "",
            "by": who(alert.resolved_by) if alert else "",
            "about": about(alert) if alert else (),
            "refusal": access.decide_refusal(request.user),
        }
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def resolve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Close an alert as it was seen; one that came again meanwhile stays open."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        refusal = access.decide_refusal(request.user)
        if refusal:
            raise PermissionDenied(refusal)
        alert = _alert(object_id)
        if alert is None:
            raise Http404(f"There is no alert {object_id}.")
        _resolve(request, alert)
        return HttpResponseRedirect(reverse("admin:workflows_app_alert_change", args=[alert.pk]))


def _alert(object_id: str) -> Alert | None:
    number = unquote(object_id)
    return Alert.objects.filter(pk=number).first() if number.isascii() and number.isdigit() else None


def _resolve(request: HttpRequest, alert: Alert) -> None:
    seen = request.POST.get("count", "")
    as_seen = Alert.objects.filter(pk=alert.pk, count=seen if seen.isascii() and seen.isdigit() else 0)
    person = Principal.person(request.user)  # type: ignore[arg-type]  # admin_view lets nobody anonymous in
    if as_seen.resolve(database_now(), by=str(person)):
        messages.success(request, "Resolved. It opens again when it happens again.")
    elif alert.resolved_at:
        messages.info(request, f"{who(alert.resolved_by) or 'Somebody'} has resolved it already.")
    else:
        messages.error(request, "It has happened again since you looked: read it once more.")


def about(alert: Alert) -> tuple[Link, ...]:
    """What an alert is about, as (name, address), told from its key and its run; no query."""
    links = []
    kind, _, name = alert.key.partition(":")
    link = _LINKS.get(kind)
    if link and name:
        links.append(link(name))
    if alert.run_id:
        links.append(("run", _page("workflows_app_workflowrun", alert.run_id)))
    return tuple(dict.fromkeys(links))


def _page(model: str, pk: str) -> str:
    return reverse(f"admin:{model}_change", args=[quote(pk)])


def _list(model: str, **query: str) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(query)}"


def _workflow(name: str) -> Link:
    return "contract", _list("workflows_app_workflowcontract", q=name, active__exact="1")


def _occurrences(name: str) -> Link:
    return "occurrences", _list("workflows_app_cronoccurrence", workflow_type=name)


def _silent(name: str) -> Link:
    kind, _, workflow = name.partition(":")
    return _occurrences(workflow) if kind == "cron" else ("heartbeats", _list("workflows_app_heartbeat"))


def _proposal(name: str) -> Link:
    return "proposal", _page("approvals_proposedaction", name)


# By what stands before the first colon of an alert's key.
_LINKS: Final[Mapping[str, Callable[[str], Link]]] = {
    "contract": _workflow,
    "cron": _workflow,
    "missed": _occurrences,
    "silence": _silent,
    "proposal": _proposal,
    "overdue": _proposal,
    "email": lambda name: ("letter", _page("workflows_app_outboundemail", name)),
    "push": lambda name: ("push", _page("workflows_app_pendingpush", name)),
    "webhook": lambda name: ("subscription", _page("workflows_app_webhooksubscription", name)),
    "event": lambda name: ("event", _page("workflows_app_event", name)),
    "run": lambda name: ("run", _page("workflows_app_workflowrun", name)),
    "sync": lambda name: ("sync passes", _list("workflows_app_synclog", sync_type__exact=name)),
}

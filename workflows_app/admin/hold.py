"""The switch that holds everything: one page that says how it stands, one POST that turns it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from approvals.passing import PASSING
from approvals.principals import Principal
from workflows_app.admin import access
from workflows_app.admin.base import ReadOnlyAdmin
from workflows_app.models.hold import Hold
from workflows_app.presentation.people import who
from workflows_app.runner.hold import BUSY, set_hold


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """The switch instead of a list of its one row."""

    list_display = ("on", "changed_by", "changed_at", "reason")

    def get_urls(self) -> list[URLPattern]:
        """The POST beside Django's own pages."""
        return [path("turn/", self.admin_site.admin_view(self.turn), name="hold_turn"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """How the switch stands. Looking at it does not create its row."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        hold = Hold.objects.filter(pk=1).first() or Hold()
        context = {
            **self.admin_site.each_context(request),
            **(extra_context or {}),
            "title": "Hold everything",
            "opts": self.model._meta,
            "hold": hold,
            "changed_by": who(hold.changed_by),
            "refusal": access.decide_refusal(request.user),
        }
        return TemplateResponse(request, "admin/countersign/hold.html", context)

    def turn(self, request: HttpRequest) -> HttpResponse:
        """Turn the switch; only for those who may decide."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        refusal = access.decide_refusal(request.user)
        if refusal:
            raise PermissionDenied(refusal)
        if request.POST.get("on") in ("yes", "no"):
            self._turn(request, request.POST["on"] == "yes")
        else:
            messages.error(request, "Choose whether everything is to be held or the hold lifted.")
        return HttpResponseRedirect(reverse("admin:workflows_app_hold_changelist"))

    def _turn(self, request: HttpRequest, on: bool) -> None:
        person = Principal.person(request.user)  # type: ignore[arg-type]  # admin_view lets nobody anonymous in
        try:
            turned = set_hold(on, person, request.POST.get("reason", "").strip()[:2000])
        except PASSING:
            messages.error(request, BUSY)
        else:
            said = "Everything is on hold." if on else "The hold is lifted."
            messages.success(request, said if turned else "It already stood so.")

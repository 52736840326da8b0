"""Passes of the sync: how each went or how far it is, and a button to read NetSuite now."""

from datetime import timedelta
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from workflows_app.admin import access
from workflows_app.admin.base import ReadOnlyAdmin, chip, short
from workflows_app.models import SyncLog
from workflows_app.models.ahead import somebody_has
from workflows_app.netsuite.sync.kinds import CHANGES, FULL, HOT, NIGHTLY
from workflows_app.netsuite.sync.log import LEASE
from workflows_app.runner.enqueue import ring

_TITLES: Final = {
    HOT: "Receivables that changed",
    CHANGES: "Everything that changed",
    NIGHTLY: "Nightly: what is open, and what is gone",
    FULL: "Everything",
}


@admin.register(SyncLog)
class SyncLogAdmin(ReadOnlyAdmin):
    """Passes of the NetSuite sync."""

    list_display = ("what", "state", "started_at", "took", "rows_read", "rows_upserted", "rows_deleted", "stands")
    list_filter = ("sync_type", "status")
    ordering = ("-started_at", "-id")
    list_before_template = "admin/countersign/sync_now.html"
    code = ("error",)

    def get_urls(self) -> list[URLPattern]:
        """The POST beside Django's own pages."""
        return [path("now/", self.admin_site.admin_view(self.now), name="sync_now"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with the button for those who may decide."""
        context = {**(extra_context or {}), "sync_refusal": access.decide_refusal(request.user)}
        return super().changelist_view(request, context)  # type: ignore[no-any-return]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """What happened first, then the columns."""
        derived = ["what", "state", "took"]
        hidden = {"id", "sync_type", "status", "lease_owner"}
        return [*derived, *(self._shown(field) for field in self.model._meta.fields if field.name not in hidden)]

    def now(self, request: HttpRequest) -> HttpResponse:
        """Ask a worker to read what changed; only for those who may decide."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        refusal = access.decide_refusal(request.user)
        if refusal:
            raise PermissionDenied(refusal)
        for kind in (CHANGES, HOT):
            ring("sync", kind)
        messages.success(request, "Asked for: a worker reads what changed in NetSuite. This list shows how far it is.")
        return HttpResponseRedirect(reverse("admin:workflows_app_synclog_changelist"))

    @admin.display(description="What", ordering="sync_type")
    def what(self, row: SyncLog) -> str:
        """The kind in words."""
        return _TITLES.get(row.sync_type, row.sync_type)

    @admin.display(description="State", ordering="status")
    def state(self, row: SyncLog) -> SafeString:
        """The status; a running one whose lease is over has stopped without a word."""
        status = "interrupted" if _is_dead(row) else row.status
        return chip(status, "warn" if status == "interrupted" else "")

    @admin.display(description="Took")
    def took(self, row: SyncLog) -> str:
        """From its start until it last came on."""
        until = row.completed_at or row.progress_at
        return "" if until is None else _spoken(until - row.started_at)

    @admin.display(description="How it stands")
    def stands(self, row: SyncLog) -> str:
        """What it reads now, or what went wrong."""
        if row.error:
            return short(row.error, 120)
        return f"{row.stage}, page {row.pages}" if row.status == "running" and row.stage else ""


def _is_dead(row: SyncLog) -> bool:
    """Whether it runs no more, though it says so; one without a lease waits for its next slice."""
    leased = row.lease_until is not None
    return row.status == "running" and leased and not somebody_has(row.lease_until, timezone.now(), LEASE)


def _spoken(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    words = f"{seconds // 60} min {seconds % 60:02} s" if seconds >= 60 else f"{seconds} s"
    return words.replace(" ", "\N{NO-BREAK SPACE}")

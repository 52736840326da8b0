"""The list of contracts and a contract's page."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from workflows_app.admin import access
from workflows_app.admin.base import Named, ReadOnlyAdmin, chip
from workflows_app.admin.contracts.lookup import lookup_view
from workflows_app.admin.contracts.page import ContractPage, contract_page
from workflows_app.admin.contracts.pause import pause_part, pause_view
from workflows_app.admin.contracts.standing import coming
from workflows_app.admin.contracts.start import start_view
from workflows_app.admin.loaded import contract_or_problem
from workflows_app.contracts.schema import Contract
from workflows_app.models import WorkflowContract, WorkflowRun
from workflows_app.presentation import moments
from workflows_app.presentation.triggers import trigger_words


@admin.register(WorkflowContract)
class ContractAdmin(ReadOnlyAdmin):
    """Released contract versions."""

    change_form_template = "admin/countersign/contract.html"
    list_display = ("title", "standing", "starts", "next_due", "last_run", "version", "risk_level")
    list_filter = ("active", "paused", "category", "risk_level")
    search_fields = ("title", "workflow_type", "source")
    ordering = ("-active", "workflow_type", "-contract_version")
    code = ("source",)

    def get_urls(self) -> list[URLPattern]:
        """The start form and the pause, beside Django's own pages."""
        own = [
            path("start/<slug:workflow_type>/", self._wrapped(start_view), name="contract_start"),
            path("start/<slug:workflow_type>/offers/<slug:name>/", self._wrapped(lookup_view), name="contract_offers"),
            path("pause/<slug:workflow_type>/", self._wrapped(pause_view), name="contract_pause"),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def _wrapped(self, view: Callable[..., HttpResponse]) -> Any:
        def wrapped(request: HttpRequest, **names: str) -> HttpResponse:
            return view(self, request, *names.values())

        return self.admin_site.admin_view(wrapped)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkflowContract]:
        """Each with its last run, found by index."""
        runs = WorkflowRun.objects.filter(workflow_type=OuterRef("workflow_type")).order_by("-queued_at")
        rows: QuerySet[WorkflowContract] = super().get_queryset(request)
        return rows.annotate(
            **{f"last_{name}": Subquery(runs.values(name)[:1]) for name in ("id", "status", "queued_at")}
        )

    @admin.display(description="State")
    def standing(self, row: WorkflowContract) -> SafeString:
        """Active, paused, or followed by a newer version."""
        if row.paused:
            return chip("paused", "warn")
        return chip("active", "good") if row.active else chip("not active")

    @admin.display(description="Starts")
    def starts(self, row: WorkflowContract) -> str:
        """Its trigger in words."""
        contract = contract_or_problem(row)
        return trigger_words(contract.trigger) if isinstance(contract, Contract) else "It does not load."

    @admin.display(description="Next")
    def next_due(self, row: WorkflowContract) -> SafeString | str:
        """The next occurrence of its schedule, unless it starts nothing."""
        contract = contract_or_problem(row)
        if not row.active or row.paused or isinstance(contract, str):
            return "—"
        return next((_once(due.at) for due in coming(contract, timezone.now(), 1)), "—")

    @admin.display(description="Last run")
    def last_run(self, row: Any) -> SafeString | str:
        """When it ran last and how that ended; of all versions together."""
        if row.last_id is None or not row.active:
            return "—"
        url = reverse("admin:workflows_app_workflowrun_change", args=[quote(row.last_id)])
        return format_html('{} <a href="{}">{}</a>', chip(row.last_status), url, _once(row.last_queued_at))

    @admin.display(description="Version", ordering="contract_version")
    def version(self, row: WorkflowContract) -> str:
        """Which one it is."""
        return f"v{row.contract_version}"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The contract's page; `?against=1` shows the difference to version 1."""
        row = WorkflowContract.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        page = _page(request, row) if row is not None else None
        pause = pause_part(request, row) if row is not None else {}
        context = {**(extra_context or {}), **pause, "page": page, "title": row.title if row else "Contract"}
        if row is not None and self.has_view_permission(request, row):
            context |= {"original": Named(row, row.title), "subtitle": f"version {row.contract_version}"}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response


def _once(moment: datetime) -> SafeString:
    """A moment that stays on one line."""
    return format_html('<span class="cs-once">{}</span>', moments.said(moment))


def _page(request: HttpRequest, row: WorkflowContract) -> ContractPage:
    contract = contract_or_problem(row)
    against = request.GET.get("against", "")
    return contract_page(row, contract, _refusal(request, row, contract), timezone.now(), against=against)


def _refusal(request: HttpRequest, row: WorkflowContract, contract: Contract | str) -> str:
    """Why the visitor cannot start it by hand."""
    if isinstance(contract, str):
        return "It does not load."
    return access.start_refusal(request.user, contract) if row.active else "Only the active version can be started."

"""The list of contracts and a contract's page."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from workflows_app.admin import access
from workflows_app.admin.base import ReadOnlyAdmin
from workflows_app.admin.contracts.page import ContractPage, contract_page
from workflows_app.admin.contracts.pause import pause_part, pause_view
from workflows_app.admin.contracts.start import start_view, started_view
from workflows_app.admin.loaded import contract_or_problem
from workflows_app.models import WorkflowContract


@admin.register(WorkflowContract)
class ContractAdmin(ReadOnlyAdmin):
    """Released contract versions."""

    change_form_template = "admin/countersign/contract.html"
    list_display = (
        "title",
        "workflow_type",
        "contract_version",
        "category",
        "risk_level",
        "active",
        "paused",
        "loaded_at",
    )
    list_filter = ("active", "paused", "category", "risk_level")
    search_fields = ("title", "workflow_type", "source")
    ordering = ("workflow_type", "-contract_version")
    code = ("source",)

    def get_urls(self) -> list[URLPattern]:
        """The start form and the status of what was handed in, beside Django's own pages."""
        own = [
            path("start/<slug:workflow_type>/", self._wrapped(start_view), name="contract_start"),
            path("started/<str:run_id>/", self._wrapped(started_view), name="contract_started"),
            path("pause/<slug:workflow_type>/", self._wrapped(pause_view), name="contract_pause"),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def _wrapped(self, view: Callable[[Any, HttpRequest, str], HttpResponse]) -> Any:
        def wrapped(request: HttpRequest, **names: str) -> HttpResponse:
            return view(self, request, *names.values())

        return self.admin_site.admin_view(wrapped)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The contract's page."""
        row = WorkflowContract.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        page = _page(request, row) if row is not None else None
        pause = pause_part(request, row) if row is not None else {}
        context = {**(extra_context or {}), **pause, "page": page, "title": "Contract"}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response


def _page(request: HttpRequest, row: WorkflowContract) -> ContractPage:
    contract = contract_or_problem(row)
    if isinstance(contract, str):
        return ContractPage(row=row, contract=None, problem=contract, refusal="It does not load.")
    refusal = access.start_refusal(request.user, contract) if row.active else "Only the active version can be started."
    return contract_page(row, contract, refusal)

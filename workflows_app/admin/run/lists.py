"""Runs: the list, and the page that tells the whole story of one run and offers what a person may do with it."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import ChoicesFieldListFilter
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from approvals.canonical import parse
from workflows_app.admin import access
from workflows_app.admin.base import Named, chip, short
from workflows_app.admin.files import produced_view
from workflows_app.admin.growing import GrowingAdmin
from workflows_app.admin.large_tables import ChoicesAmongNewest, ValuesLatelySeen
from workflows_app.admin.run import live
from workflows_app.admin.run.page import run_page
from workflows_app.admin.run.posts import INTERVENTIONS
from workflows_app.admin.run.rerun import rerun_view
from workflows_app.admin.run.standing import lasted
from workflows_app.admin.run.titles import title, waits_for, with_titles
from workflows_app.admin.search import beginning, runs_of_customer
from workflows_app.models import WorkflowContract, WorkflowRun
from workflows_app.presentation import moments
from workflows_app.presentation.people import who


class StatusFilter(ChoicesAmongNewest):
    """By status. One is found by its index; several at once within a span of time, or among the newest."""

    def queryset(self, request: HttpRequest, queryset: "QuerySet[WorkflowRun]") -> "QuerySet[WorkflowRun]":
        """Its runs."""
        if len(set(self.chosen())) > 1 and "queued_at__gte" not in request.GET:
            return super().queryset(request, queryset)
        return ChoicesFieldListFilter.queryset(self, request, queryset)  # type: ignore[return-value]


class WorkflowFilter(admin.SimpleListFilter):
    """By workflow, under its title; the parameter is the column, so that links can name it."""

    title = "workflow"
    parameter_name = "workflow_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every workflow that has a contract; of several versions the title of the last."""
        rows = WorkflowContract.objects.order_by("contract_version").values_list("workflow_type", "title")
        return sorted(dict(rows).items(), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: "QuerySet[WorkflowRun]") -> "QuerySet[WorkflowRun]":
        """Its runs."""
        return queryset.filter(workflow_type=self.value()) if self.value() else queryset


@admin.register(WorkflowRun)
class RunAdmin(GrowingAdmin):
    """Every execution of a contract."""

    change_form_template = "admin/countersign/run.html"
    list_display = ("shown_title", "workflow", "shown_status", "started", "took", "waits_for", "by")
    list_filter = (("status", StatusFilter), WorkflowFilter, ("trigger_kind", ValuesLatelySeen), "queued_at")
    search_by = (runs_of_customer(), beginning("id", "run id"), beginning("trigger_key", "trigger key"))
    ordering = ("-queued_at", "id")
    canonical = ("trigger", "inputs", "context", "checks", "plan", "edits")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkflowRun]:
        """With its title, and without the long texts, which only the page itself reads."""
        rows: QuerySet[WorkflowRun] = super().get_queryset(request)
        return with_titles(rows).defer("context", "plan", "checks", "edits")

    @admin.display(description="run")
    def shown_title(self, run: WorkflowRun) -> str:
        """What it is about."""
        return short(title(run), 100)

    @admin.display(description="workflow")
    def workflow(self, run: WorkflowRun) -> str:
        """The title of its contract."""
        return str(run.contract_title)  # type: ignore[attr-defined]  # of with_titles

    @admin.display(description="status")
    def shown_status(self, run: WorkflowRun) -> SafeString:
        """The status with its colour."""
        return chip(run.status)

    @admin.display(description="started")
    def started(self, run: WorkflowRun) -> str:
        """When."""
        return moments.said(run.queued_at)

    @admin.display(description="took")
    def took(self, run: WorkflowRun) -> str:
        """From its start to its end."""
        return lasted(run.completed_at - run.queued_at) if run.completed_at else "—"

    @admin.display(description="waits for, or why")
    def waits_for(self, run: WorkflowRun) -> str:
        """What has to come before it goes on, or why it did not do all."""
        return short(waits_for(run, timezone.now()), 90) or "—"

    @admin.display(description="started by")
    def by(self, run: WorkflowRun) -> str:
        """Who or what started it."""
        return who(str(parse(run.trigger).get("principal", ""))) or run.trigger_kind

    def get_urls(self) -> list[URLPattern]:
        """The POSTs of the interventions, a rerun, files of steps and what is new, beside Django's own pages."""
        again = self.admin_site.admin_view(rerun_view(self))
        own = [
            path("<path:object_id>/rerun/", again, name="run_rerun"),
            path("<path:object_id>/file/<int:step>/", self.admin_site.admin_view(self.file_view), name="run_file"),
            path("<path:object_id>/live/", self.admin_site.admin_view(self.live_view), name="run_live"),
        ] + [
            path(f"<path:object_id>/{what}/", self.admin_site.admin_view(view), name=f"run_{what}")
            for what, view in INTERVENTIONS.items()
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The run's page."""
        context = {"title": "Run", **(extra_context or {})}
        run = _run(object_id)
        if run is not None and self.has_view_permission(request, run):
            context |= self._page(request, run)
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def _page(self, request: HttpRequest, run: WorkflowRun) -> dict[str, Any]:
        now = timezone.now()
        page = run_page(run, access.decide_refusal(request.user), now, whole=request.GET.get("whole") == "1")
        shown = live.parts(page, request)
        named = {part.name: part for part in shown}
        again = live.question(page, shown, now)
        return {
            "page": page,
            "run": run,
            "parts": named,
            "original": Named(run, page.title),
            "title": "Run",
            "subtitle": page.title,
            **again,
        }

    def file_view(self, request: HttpRequest, object_id: str, step: int) -> HttpResponse:
        """What a step of the run produced."""
        return produced_view(self, request, object_id, step)

    def live_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What is new on the page that asks; 204 when nothing is."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        long = WorkflowRun.objects.defer("context", "plan", "checks", "inputs", "edits", "trigger")
        short_run = long.filter(pk=unquote(object_id)).first()
        if short_run is None:
            raise Http404(f"There is no run {object_id}.")
        now = timezone.now()
        if live.unchanged(request, short_run, now):
            return HttpResponse(status=204)
        run = _run(object_id)
        assert run is not None  # noqa: S101 no run is ever deleted
        return live.answer(request, run_page(run, access.decide_refusal(request.user), now), now)


def _run(object_id: str) -> WorkflowRun | None:
    return WorkflowRun.objects.select_related("contract").filter(pk=unquote(object_id)).first()

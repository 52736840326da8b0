"""Runs: the list, and the page that tells the whole story of one run and offers what a person may do with it."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from workflows_app.admin import access, moments
from workflows_app.admin.base import chip, short
from workflows_app.admin.growing import GrowingAdmin
from workflows_app.admin.large_tables import ValuesLatelySeen, ValuesOfIndex, every
from workflows_app.admin.rerun import rerun_view
from workflows_app.admin.run_page import run_page
from workflows_app.admin.run_posts import INTERVENTIONS
from workflows_app.admin.search import beginning, of_run, runs_of_customer
from workflows_app.models import ReflexionLog, RunHistory, RunLog, VerifyResult, WorkflowRun, WorkflowStep
from workflows_app.runner.attempts import in_words, most_attempts

# As the index `verify_bad` says it.
_BAD = every("fail", "timeout", within=Q(status="fail") | Q(status="timeout"))


@admin.register(WorkflowRun)
class RunAdmin(GrowingAdmin):
    """Every execution of a contract."""

    change_form_template = "admin/countersign/run.html"
    list_display = ("id", "workflow_type", "shown_status", "phase", "trigger_kind", "queued", "took", "shown_error")
    list_filter = ("status", ("workflow_type", ValuesOfIndex), ("trigger_kind", ValuesLatelySeen), "queued_at")
    search_by = (beginning("id", "run id"), runs_of_customer(), beginning("trigger_key", "trigger key"))
    ordering = ("-queued_at", "id")
    canonical = ("trigger", "inputs", "context", "checks", "plan", "edits")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkflowRun]:
        """Without the long texts, which only the page itself reads."""
        rows: QuerySet[WorkflowRun] = super().get_queryset(request)
        return rows.defer("context", "plan", "checks")

    @admin.display(description="status", ordering="status")
    def shown_status(self, run: WorkflowRun) -> SafeString:
        """The status with its colour."""
        return chip(run.status)

    @admin.display(description="queued", ordering="queued_at")
    def queued(self, run: WorkflowRun) -> str:
        """How long ago."""
        return moments.age(run.queued_at, timezone.now())

    @admin.display(description="took")
    def took(self, run: WorkflowRun) -> str:
        """From queue to end."""
        return moments.span(run.completed_at - run.queued_at) if run.completed_at else "—"

    @admin.display(description="reason")
    def shown_error(self, run: WorkflowRun) -> str:
        """Why it ended, on one line."""
        return short(run.error) or "—"

    def get_urls(self) -> list[URLPattern]:
        """The POSTs of the interventions, and the page of a rerun, beside Django's own pages."""
        again = self.admin_site.admin_view(rerun_view(self))
        own = [
            path("<path:object_id>/rerun/", again, name="run_rerun"),
        ] + [
            path(f"<path:object_id>/{what}/", self.admin_site.admin_view(view), name=f"run_{what}")
            for what, view in INTERVENTIONS.items()
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The run's page."""
        run = WorkflowRun.objects.select_related("contract").filter(pk=unquote(object_id)).first()
        page = None if run is None else run_page(run, access.decide_refusal(request.user), timezone.now())
        context = {**(extra_context or {}), "page": page, "title": "Run"}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response


@admin.register(WorkflowStep)
class StepAdmin(GrowingAdmin):
    """Steps of runs, with attempts and errors."""

    list_display = ("step", "item", "kind", "status", "standing", "finished_at", "shown_error", "run_id")
    list_filter = ("status", ("kind", ValuesLatelySeen), ("step", ValuesLatelySeen))
    search_by = (of_run(),)
    ordering = ("-id",)
    canonical = ("output",)
    code = ("error",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkflowStep]:
        """With the contract of each, which says how often it is tried, and without the long texts of its run."""
        rows: QuerySet[WorkflowStep] = super().get_queryset(request)
        long = ("context", "plan", "checks", "inputs", "contract__source")
        return rows.select_related("run__contract").defer(*(f"run__{name}" for name in long))

    @admin.display(description="attempts", ordering="attempts")
    def standing(self, step: WorkflowStep) -> str:
        """Attempts made and the next one, in words."""
        return in_words(step, most_attempts(step.run.contract), timezone.now())

    @admin.display(description="error")
    def shown_error(self, step: WorkflowStep) -> str:
        """The error on one line."""
        return short(step.error) or "—"


@admin.register(RunHistory)
class RunHistoryAdmin(GrowingAdmin):
    """Every change of a run's status."""

    list_display = ("at", "from_status", "to_status", "reason", "run_id")
    list_filter = (("to_status", ValuesLatelySeen),)
    search_by = (of_run(),)
    ordering = ("-id",)


@admin.register(RunLog)
class RunLogAdmin(GrowingAdmin):
    """Summaries of runs that ended."""

    list_display = ("workflow_type", "status", "started_at", "completed_at", "run_id")
    list_filter = (("status", ValuesLatelySeen), ("workflow_type", ValuesOfIndex))
    search_by = (of_run(),)
    ordering = ("-completed_at", "run_id")
    canonical = ("summary_json",)


@admin.register(ReflexionLog)
class ReflexionAdmin(GrowingAdmin):
    """What runs remember."""

    list_display = ("created_at", "tags", "shown_narrative", "run_id")
    search_by = (of_run(),)
    ordering = ("-created_at", "run_id")
    code = ("narrative",)

    @admin.display(description="narrative")
    def shown_narrative(self, row: ReflexionLog) -> str:
        """Its beginning."""
        return short(row.narrative, 120)


@admin.register(VerifyResult)
class VerifyResultAdmin(GrowingAdmin):
    """Verify checks, waiting or decided."""

    list_display = ("name", "kind", "shown_status", "due_at", "executed_at", "shown_detail", "run_id")
    list_filter = (("status", _BAD), ("kind", ValuesLatelySeen), ("name", ValuesLatelySeen))
    search_by = (of_run(),)
    ordering = ("-id",)
    canonical = ("spec",)
    code = ("detail",)

    @admin.display(description="status", ordering="status")
    def shown_status(self, result: VerifyResult) -> SafeString:
        """The status with its colour."""
        return chip(result.status)

    @admin.display(description="found")
    def shown_detail(self, result: VerifyResult) -> str:
        """What was found, on one line."""
        return short(result.detail) or "—"

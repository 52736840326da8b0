"""What runs leave behind: steps, history, logs, reflexions and verify results. The runs themselves: `admin/run/`."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from workflows_app.admin.base import chip, short
from workflows_app.admin.growing import GrowingAdmin
from workflows_app.admin.large_tables import ChoicesAmongNewest, ValuesLatelySeen, ValuesOfIndex, every
from workflows_app.admin.search import of_run
from workflows_app.models import ReflexionLog, RunHistory, RunLog, VerifyResult, WorkflowStep
from workflows_app.runner.attempts import in_words, most_attempts

# As the index `verify_bad` says it.
_BAD = every("fail", "timeout", within=Q(status="fail") | Q(status="timeout"))


@admin.register(WorkflowStep)
class StepAdmin(GrowingAdmin):
    """Steps of runs, with attempts and errors."""

    list_display = ("step", "item", "kind", "status", "standing", "finished_at", "shown_error", "run_id")
    list_filter = (("status", ChoicesAmongNewest), ("kind", ValuesLatelySeen), ("step", ValuesLatelySeen))
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

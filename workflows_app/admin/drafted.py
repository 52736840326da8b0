"""What a language model wrote for runs, or why nothing came of it: a list to look at."""

from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from workflows_app.admin.base import chip, short
from workflows_app.admin.growing import GrowingAdmin
from workflows_app.admin.large_tables import ValuesLatelySeen
from workflows_app.admin.search import of_run
from workflows_app.models import DraftedText
from workflows_app.models.drafting import LETTER, REFLEXION

_PURPOSES: Final = {LETTER: "Letter", REFLEXION: "Summary of a run"}
_NOT_SHOWN: Final = ("id", "key", "purpose", "run")


@admin.register(DraftedText)
class DraftedTextAdmin(GrowingAdmin):
    """Texts that were asked for, once per run. A card shows a letter before it is sent; nothing leaves from here."""

    nothing = "No language model was asked for anything: DRAFTING_URL names one, and contracts ask for its drafts."
    list_display = ("what", "outcome", "shown_refusal", "model", "created_at", "of_run")
    list_filter = (("purpose", ValuesLatelySeen), ("model", ValuesLatelySeen))
    search_by = (of_run(),)
    ordering = ("-id",)
    code = ("text", "refusal")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DraftedText]:
        """With the contract of each run, and without what is long."""
        rows: QuerySet[DraftedText] = super().get_queryset(request)
        long = ("context", "plan", "checks", "inputs", "edits", "trigger", "contract__source")
        return rows.select_related("run__contract").defer("text", *(f"run__{name}" for name in long))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """What it is and what came of it; its key is a hash that tells nobody anything."""
        shown = [field for field in super().get_fields(request, obj) if field not in _NOT_SHOWN]
        return ["of_run", "what", "outcome", *shown]

    @admin.display(description="purpose")
    def what(self, row: DraftedText) -> str:
        """What the text is."""
        return _PURPOSES.get(row.purpose, row.purpose)

    @admin.display(description="run")
    def of_run(self, row: DraftedText) -> SafeString:
        """The run that it was written for."""
        link = reverse("admin:workflows_app_workflowrun_change", args=[quote(row.run_id)])
        return format_html('<a class="underline" href="{}">{}</a>', link, row.run.contract.title)

    def heading(self, row: DraftedText) -> str:
        """What the text is, and of which workflow."""
        return f"{self.what(row)}, {row.run.contract.title}"

    @admin.display(description="standing")
    def outcome(self, row: DraftedText) -> SafeString:
        """Whether it was taken."""
        return chip("refused", "bad") if row.refusal else chip("drafted", "good")

    @admin.display(description="refused because")
    def shown_refusal(self, row: DraftedText) -> str:
        """Why the template is used instead, on one line."""
        return short(row.refusal) or "—"

"""What a language model wrote for runs, or why nothing came of it: a list to look at."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from workflows_app.admin.base import chip, short
from workflows_app.admin.growing import GrowingAdmin
from workflows_app.admin.large_tables import ValuesLatelySeen
from workflows_app.admin.search import of_run
from workflows_app.models import DraftedText


@admin.register(DraftedText)
class DraftedTextAdmin(GrowingAdmin):
    """Texts that were asked for, once per run. A card shows a letter before it is sent; nothing leaves from here."""

    list_display = ("purpose", "outcome", "shown_refusal", "model", "created_at", "run_id")
    list_filter = (("purpose", ValuesLatelySeen), ("model", ValuesLatelySeen))
    search_by = (of_run(),)
    ordering = ("-id",)
    code = ("text", "refusal")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DraftedText]:
        """Without the texts."""
        rows: QuerySet[DraftedText] = super().get_queryset(request)
        return rows.defer("text")

    @admin.display(description="standing")
    def outcome(self, row: DraftedText) -> SafeString:
        """Whether it was taken."""
        return chip("refused", "bad") if row.refusal else chip("drafted", "good")

    @admin.display(description="refused because")
    def shown_refusal(self, row: DraftedText) -> str:
        """Why the template is used instead, on one line."""
        return short(row.refusal) or "—"

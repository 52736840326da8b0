"""Read-only lists of events, cron occurrences and alerts."""

from django.contrib import admin

from workflows_app.admin.base import ReadOnlyAdmin
from workflows_app.models import Alert, CronOccurrence, Event


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The event ledger."""

    list_display = ("event_type", "recorded_at", "dispatched_at", "run_id", "idempotency_key")
    list_filter = ("event_type",)
    search_fields = ("event_type", "idempotency_key", "run_id", "id")
    ordering = ("-recorded_at", "id")
    canonical = ("payload", "causes")


@admin.register(CronOccurrence)
class CronOccurrenceAdmin(ReadOnlyAdmin):
    """Due moments of contract crons."""

    list_display = ("workflow_type", "scheduled_for", "status", "run_id", "created_at")
    list_filter = ("status", "workflow_type")
    search_fields = ("workflow_type", "run_id")
    ordering = ("-scheduled_for", "id")


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """What Mike must know."""

    list_display = ("message", "kind", "count", "last_seen_at", "created_at", "resolved_at", "run_id")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "kind")
    search_fields = ("message", "key", "run_id")
    ordering = ("-last_seen_at", "id")
    code = ("message",)

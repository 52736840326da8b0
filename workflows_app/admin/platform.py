"""Read-only lists of events, cron occurrences, heartbeats and pauses. Alerts have a module of their own."""

from django.contrib import admin

from workflows_app.admin.base import ReadOnlyAdmin
from workflows_app.admin.large_tables import ValuesLatelySeen, ValuesOfIndex
from workflows_app.models import ContractPause, CronOccurrence, Event, Heartbeat


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The event ledger."""

    list_display = ("event_type", "recorded_at", "dispatched_at", "run_id", "idempotency_key")
    list_filter = (("event_type", ValuesLatelySeen),)
    search_fields = ("event_type", "idempotency_key", "run_id", "id")
    ordering = ("-recorded_at", "id")
    canonical = ("payload", "causes")


@admin.register(CronOccurrence)
class CronOccurrenceAdmin(ReadOnlyAdmin):
    """Due moments of contract crons."""

    list_display = ("workflow_type", "scheduled_for", "status", "run_id", "created_at")
    list_filter = (("status", ValuesLatelySeen), ("workflow_type", ValuesOfIndex))
    search_fields = ("workflow_type", "run_id")
    ordering = ("-id",)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    """When each regular pass last ended well, and a few more moments."""

    list_display = ("name", "at")
    ordering = ("name",)


@admin.register(ContractPause)
class ContractPauseAdmin(ReadOnlyAdmin):
    """Who paused which workflow, and let it go on."""

    list_display = ("workflow_type", "paused", "by", "at", "reason")
    list_filter = ("paused", "workflow_type")
    search_fields = ("workflow_type", "by", "reason")
    ordering = ("-at", "-id")

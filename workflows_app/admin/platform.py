"""Read-only lists of events, cron occurrences, heartbeats and pauses. Alerts have a module of their own."""

from django.contrib import admin

from workflows_app.admin.base import ReadOnlyAdmin
from workflows_app.admin.growing import GrowingAdmin
from workflows_app.admin.large_tables import ValuesLatelySeen, ValuesOfIndex
from workflows_app.admin.search import beginning, of_run
from workflows_app.models import ContractPause, CronOccurrence, Event, Heartbeat


@admin.register(Event)
class EventAdmin(GrowingAdmin):
    """The event ledger."""

    list_display = ("event_type", "recorded_at", "dispatched_at", "run_id", "idempotency_key")
    list_filter = (("event_type", ValuesLatelySeen),)
    search_by = (of_run(), beginning("idempotency_key", "idempotency key"), beginning("id", "event id"))
    ordering = ("-recorded_at", "id")
    canonical = ("payload", "causes")


@admin.register(CronOccurrence)
class CronOccurrenceAdmin(GrowingAdmin):
    """Due moments of contract crons."""

    list_display = ("workflow_type", "scheduled_for", "status", "run_id", "created_at")
    list_filter = (("status", ValuesLatelySeen), ("workflow_type", ValuesOfIndex))
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

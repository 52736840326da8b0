"""Read-only lists of what leaves the house: NetSuite pushes and letters."""

from django.contrib import admin

from workflows_app.admin.base import ReadOnlyAdmin
from workflows_app.models import OutboundEmail, PendingPush


@admin.register(PendingPush)
class PendingPushAdmin(ReadOnlyAdmin):
    """Records on their way to NetSuite, each with the proposal that allowed it."""

    list_display = ("external_id", "record_type", "status", "attempts", "next_attempt_at", "ns_id", "created_at")
    list_filter = ("status", "record_type")
    search_fields = ("external_id", "id", "run_id", "ns_id")
    ordering = ("-created_at", "id")
    canonical = ("payload",)
    code = ("last_error",)


@admin.register(OutboundEmail)
class OutboundEmailAdmin(ReadOnlyAdmin):
    """Letters, each with the proposal that holds its text."""

    list_display = ("subject", "to", "action_type", "status", "created_at", "sent_at")
    list_filter = ("status", "action_type")
    search_fields = ("subject", "to", "message_id", "related_customer_id", "related_quote_id")
    ordering = ("-created_at", "id")
    canonical = ("attachments",)
    code = ("body", "error")

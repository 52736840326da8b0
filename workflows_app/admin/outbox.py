"""The read-only list of letters; NetSuite pushes have pages of their own (`pushes.py`)."""

from django.contrib import admin

from workflows_app.admin.base import ReadOnlyAdmin
from workflows_app.admin.large_tables import ValuesLatelySeen
from workflows_app.models import OutboundEmail


@admin.register(OutboundEmail)
class OutboundEmailAdmin(ReadOnlyAdmin):
    """Letters, each with the proposal that holds its text."""

    list_display = ("subject", "to", "action_type", "status", "created_at", "sent_at")
    list_filter = (("status", ValuesLatelySeen), ("action_type", ValuesLatelySeen))
    search_fields = ("subject", "to", "message_id", "related_customer_id", "related_quote_id")
    ordering = ("-created_at", "id")
    canonical = ("attachments",)
    code = ("body", "error")

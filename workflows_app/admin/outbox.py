"""The read-only list of letters; NetSuite pushes have pages of their own (`pushes.py`)."""

from django.contrib import admin
from django.db.models import Q

from workflows_app.admin.growing import GrowingAdmin
from workflows_app.admin.large_tables import ValuesLatelySeen, every
from workflows_app.admin.search import beginning, exactly, of_customer, of_proposals, of_run
from workflows_app.models import OutboundEmail

# As the index `email_not_sent` says it.
_NOT_SENT = every("queued", "sending", "uncertain", "failed", within=~Q(status="sent"))


@admin.register(OutboundEmail)
class OutboundEmailAdmin(GrowingAdmin):
    """Letters, each with the proposal that holds its text."""

    list_display = ("subject", "to", "action_type", "status", "created_at", "sent_at")
    list_filter = (("status", _NOT_SENT), ("action_type", ValuesLatelySeen))
    search_by = (
        of_customer("related_customer_id", newest="sent_at"),
        exactly("related_quote_id", "quote id"),
        of_proposals(of_run(), column="proposed_action_id"),
        beginning("id", "id"),
        beginning("message_id", "message id"),
    )
    ordering = ("-created_at", "id")
    canonical = ("attachments",)
    code = ("body", "error")

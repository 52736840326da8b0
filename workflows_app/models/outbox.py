"""Rows that are delivered outside the database: NetSuite pushes and letters."""

from django.db import models
from django.db.models import Q

from approvals.models import ProposedAction
from workflows_app.models.fields import reference, text_id


class PendingPush(models.Model):
    """A record for NetSuite. Cannot exist without the proposal that was approved and the digest approved."""

    ID_KIND = "psh"

    id = text_id()
    external_id = models.CharField(max_length=80)
    record_type = models.CharField(max_length=40)
    queue = models.CharField(max_length=40, default="NS_PUSH_QUEUE")
    on_failure = models.CharField(max_length=40, default="retry_3_then_alert")
    payload = models.TextField(help_text="Canonical text of the record, as approved.")
    run_id = models.CharField(max_length=64)
    step = models.CharField(max_length=80)
    proposal = models.ForeignKey(ProposedAction, on_delete=models.PROTECT, related_name="pushes")
    digest = models.CharField(max_length=64, help_text="The digest that was approved.")
    expected_modified = models.DateTimeField(
        null=True, blank=True, help_text="When NetSuite had last changed the record, as far as the plan knew."
    )
    status = models.CharField(max_length=16, default="pending")
    attempts = models.PositiveIntegerField(default=0, help_text="Failures that count.")
    waits = models.PositiveIntegerField(default=0, help_text="Put off since the last attempt, without counting.")
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When it was last sent, whatever came of it.")
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    ns_id = models.CharField(max_length=40, blank=True)
    last_error = models.TextField(blank=True)
    answer = models.TextField(blank=True, help_text="NetSuite's own words, whole.")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_modified = models.DateTimeField(
        null=True, blank=True, help_text="When NetSuite had last changed the record, as confirmed."
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table = "ns_pending_pushes"
        verbose_name = "NetSuite push"
        verbose_name_plural = "NetSuite pushes"
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "pending",
                        "in_flight",
                        "applied",
                        "retrying",
                        "outcome_unknown",
                        "conflict",
                        "dead",
                    ]
                ),
                name="push_status_known",
            ),
            # one record is in flight at most once, so that pushes of a record stay in order.
            models.UniqueConstraint(
                fields=["record_type", "external_id"],
                condition=Q(status="in_flight"),
                name="push_one_in_flight_per_record",
            ),
        ]
        indexes = [
            # the pusher: what can be tried now.
            models.Index(
                fields=["next_attempt_at", "created_at"],
                condition=Q(status__in=["pending", "retrying", "outcome_unknown"]),
                name="push_ready",
            ),
            # whose turn it is.
            models.Index(
                fields=["record_type", "external_id", "created_at", "id"],
                condition=~Q(status="applied"),
                name="push_turn",
            ),
            # the front page: how many of each; the list in the admin.
            models.Index(fields=["status"], condition=~Q(status="applied"), name="push_not_applied"),
            models.Index(fields=["-created_at", "id"], name="push_newest"),
            # the search by the id of the record or its beginning.
            models.Index(fields=["external_id"], opclasses=["varchar_pattern_ops"], name="push_by_record"),
        ]

    def __str__(self) -> str:
        return f"{self.record_type} {self.external_id}"


class OutboundEmail(models.Model):
    """A letter. Cannot exist without the approved proposal that holds its text; sent at most once."""

    ID_KIND = "eml"

    id = text_id()
    action_type = models.CharField(max_length=80)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=500)
    body = models.TextField()
    attachments = models.TextField(default="[]", help_text="Canonical text: [{name, key, sha256}].")
    letterhead = models.CharField(max_length=200, blank=True, default="", help_text="Over the text, in HTML.")
    in_reply_to = models.CharField(max_length=255, blank=True, default="", help_text="The Message-ID that it answers.")
    refs = models.TextField(blank=True, default="", help_text="The Message-IDs of its thread, oldest first.")
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replacement",
        db_column="replaces",
        help_text="The letter that did not arrive, of which this is the second copy.",
    )
    related_quote_id = reference(blank=True, null=True)
    related_quote_revision = models.PositiveIntegerField(null=True, blank=True)
    related_customer_id = reference(blank=True, null=True)
    proposed_action = models.ForeignKey(
        ProposedAction, on_delete=models.PROTECT, related_name="emails", db_column="proposed_action"
    )
    digest = models.CharField(max_length=64)
    message_id = models.CharField(max_length=200, unique=True)
    status = models.CharField(max_length=16, default="queued")
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True, help_text="When a mail server gave it back.")

    class Meta:
        db_table = "outbound_email_log"
        verbose_name = "outgoing email"
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "sending", "sent", "uncertain", "failed"]),
                name="email_status_known",
            ),
        ]
        indexes = [
            # delivery: what waits, oldest first.
            models.Index(fields=["created_at"], condition=Q(status="queued"), name="email_queued"),
            # letters whose sender died.
            models.Index(fields=["claimed_at"], condition=Q(status="sending"), name="email_sending"),
            # the front page: how many of each; the list in the admin.
            models.Index(fields=["status"], condition=~Q(status="sent"), name="email_not_sent"),
            models.Index(fields=["-created_at", "id"], name="email_newest"),
            # email_sent, and the pause after the last letter to a customer.
            models.Index(fields=["related_quote_id"], name="email_by_quote"),
            models.Index(fields=["related_customer_id", "sent_at"], name="email_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"

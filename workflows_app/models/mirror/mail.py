"""Mail that came in, what triage made of it, and where the reading of a mailbox stands."""

from typing import Final

from django.db import models
from django.db.models import Q

from workflows_app.models.fields import reference

ROUTED: Final = "routed"  # its event is recorded
WAITING: Final = "waiting"  # mike says what it is
SET_ASIDE: Final = "set_aside"  # nothing follows from it
TRIAGE_STATES: Final = (ROUTED, WAITING, SET_ASIDE)


class InboundEmail(models.Model):
    """A received message and what triage made of it. The sender is never trusted for an effect.

    `message_id` is the message's own, in angle brackets, and `refs` are those that it answers, oldest first and
    separated by spaces: an answer is threaded by both. One that named none has an id derived from its bytes.
    """

    uuid = models.CharField(primary_key=True, max_length=64)
    message_id = models.CharField(max_length=255, unique=True)
    refs = models.TextField(blank=True, default="", help_text="The Message-IDs that it answers, oldest first.")
    sender = models.CharField(max_length=254, db_column="from")
    subject = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    attachments = models.TextField(default="[]", help_text="Canonical text: the names of what was attached.")
    received_at = models.DateTimeField()
    mailbox = models.CharField(max_length=200, blank=True, default="", help_text="Where it lay; empty when handed in.")
    uid_validity = models.BigIntegerField(null=True, blank=True)
    uid = models.BigIntegerField(null=True, blank=True)
    classification = models.CharField(max_length=40, blank=True)
    confidence = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True)
    deciding_words = models.TextField(default="[]", help_text="Canonical text: the words that decided the class.")
    extracted = models.TextField(default="{}")
    customer_id = reference(blank=True, null=True)
    triage = models.CharField(max_length=16, default=SET_ASIDE)

    class Meta:
        db_table = "inbound_emails"
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "uid_validity", "uid"], condition=Q(uid__isnull=False), name="inbound_once_by_uid"
            ),
            models.CheckConstraint(condition=Q(triage__in=TRIAGE_STATES), name="inbound_triage_known"),
        ]
        indexes = [
            # the newest mail, in the list of the admin, and its search by customer.
            models.Index(fields=["received_at"], name="inbound_by_date"),
            models.Index(fields=["-received_at", "uuid"], name="inbound_newest"),
            models.Index(fields=["customer_id", "-received_at"], name="inbound_by_customer"),
            # the triage list: what waits for mike, and how many.
            models.Index(fields=["-received_at", "uuid"], condition=Q(triage=WAITING), name="inbound_waiting_newest"),
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id


class TriageCorrection(models.Model):
    """What a person made of a message that triage was unsure of; later mail of the same sender is compared with it.

    `before` and `after`: canonical text, each with classification, customer_id and invoice_ref. Rows are only added.
    """

    email = models.ForeignKey(InboundEmail, on_delete=models.PROTECT, related_name="corrections")
    sender = models.CharField(max_length=254, help_text="The normalised address of the message.")
    words = models.TextField(default="[]", help_text="Canonical text: the words by which the message is recognised.")
    before = models.TextField()
    after = models.TextField()
    corrected_by = models.CharField(max_length=120, help_text="A principal such as person:mike.")
    corrected_at = models.DateTimeField()

    class Meta:
        db_table = "triage_corrections"
        indexes = [
            # triage: what was said of this sender's mail before.
            models.Index(fields=["sender", "-corrected_at"], name="correction_by_sender"),
        ]

    def __str__(self) -> str:
        return f"{self.corrected_by} corrected {self.email_id}"


class MailboxPosition(models.Model):
    """How far a mailbox was read, and who reads it now. A reader that dies leaves its lease, which runs out."""

    name = models.CharField(primary_key=True, max_length=200, help_text="user@host/folder")
    uid_validity = models.BigIntegerField(null=True, blank=True)
    last_uid = models.BigIntegerField(default=0)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    polled_at = models.DateTimeField(null=True, blank=True, help_text="When a reading last ended well.")
    failures = models.PositiveIntegerField(default=0, help_text="Readings that failed since.")
    last_error = models.TextField(blank=True)

    class Meta:
        db_table = "mailbox_positions"

    def __str__(self) -> str:
        return self.name

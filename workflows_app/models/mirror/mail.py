"""Mail that came in."""

from django.db import models

from workflows_app.models.fields import reference


class InboundEmail(models.Model):
    """A received message and what triage made of it. The sender is never trusted for an effect."""

    uuid = models.CharField(primary_key=True, max_length=64)
    message_id = models.CharField(max_length=255, unique=True)
    sender = models.CharField(max_length=254, db_column="from")
    subject = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    received_at = models.DateTimeField()
    classification = models.CharField(max_length=40, blank=True)
    confidence = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True)
    extracted = models.TextField(default="{}")
    customer_id = reference(blank=True, null=True)

    class Meta:
        db_table = "inbound_emails"
        indexes = [
            # the list in the admin, and its search by customer.
            models.Index(fields=["received_at"], name="inbound_by_date"),
            models.Index(fields=["customer_id", "-received_at"], name="inbound_by_customer"),
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id

"""What customers owe, and what they dispute."""

from django.db import models
from django.db.models import Q

from workflows_app.models.fields import money, reference, text_id


class ArAging(models.Model):
    """One open invoice in its aging bucket; rebuilt from `transactions` after each sync."""

    customer_id = reference()
    customer_name = models.CharField(max_length=200)
    transaction_id = reference(unique=True)
    tranid = models.CharField(max_length=60)
    amount = money()
    days_overdue = models.IntegerField(help_text="Days past the due date; zero or less: not due yet.")
    bucket = models.CharField(max_length=10)
    as_of = models.DateField()

    class Meta:
        db_table = "ar_aging"
        verbose_name_plural = "AR aging"
        constraints = [
            models.CheckConstraint(
                condition=Q(bucket__in=["current", "1-30", "31-60", "61-90", "over 90"]),
                name="aging_bucket_known",
            ),
        ]
        indexes = [models.Index(fields=["customer_id"], name="aging_by_customer")]

    def __str__(self) -> str:
        return f"{self.customer_name} {self.tranid}"


class ArDispute(models.Model):
    """A dispute about an invoice, for each at most one that is not resolved.

    `dunning_paused` stops collection letters for the whole customer.
    """

    ID_KIND = "dsp"

    id = text_id()
    customer_id = reference()
    invoice_ref = models.CharField(max_length=60, blank=True, null=True)
    reason = models.TextField()
    status = models.CharField(max_length=16, default="open")
    dunning_paused = models.BooleanField(default=False)
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "ar_disputes"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["open", "escalated", "resolved"]), name="dispute_status_known"
            ),
            models.UniqueConstraint(
                fields=["customer_id", "invoice_ref"],
                condition=Q(status__in=["open", "escalated"]),
                name="dispute_once_per_invoice",
            ),
        ]
        indexes = [models.Index(fields=["customer_id", "status"], name="dispute_by_customer")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.invoice_ref or ''}"

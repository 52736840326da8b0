"""Quotes and their lines."""

from django.db import models
from django.db.models import Q

from workflows_app.models.fields import money, percent, reference, text_id


class Quote(models.Model):
    """A price quotation for one customer and school year."""

    ID_KIND = "est"

    id = text_id()
    ns_id = models.CharField(max_length=40, null=True, blank=True, unique=True)
    revision = models.PositiveIntegerField(default=1)
    customer_id = reference()
    school_year = models.CharField(max_length=7)
    catalog = models.CharField(max_length=80, blank=True, null=True)
    lifecycle_status = models.CharField(max_length=16, default="draft")
    total = money()
    valid_until = models.DateField()
    pdf_key = models.CharField(max_length=200, blank=True, null=True)
    generated_at = models.DateTimeField()
    lastmodifieddate = models.DateTimeField(
        null=True, blank=True, help_text="Of the estimate; empty until NetSuite confirms."
    )

    class Meta:
        db_table = "quotes"
        constraints = [
            models.CheckConstraint(
                condition=Q(lifecycle_status__in=["draft", "proposed", "sent", "accepted", "expired"]),
                name="quote_status_known",
            ),
        ]
        indexes = [
            # open quotes of a customer, newest first.
            models.Index(fields=["customer_id", "generated_at"], name="quote_by_customer"),
            # the list in the admin.
            models.Index(fields=["-generated_at", "id"], name="quote_newest"),
        ]

    def __str__(self) -> str:
        return self.id


class QuoteLine(models.Model):
    """One priced item of one revision of a quote; price per case, quantity 1 (DESIGN.md section 11).

    The quote's own `revision` says which lines are current; the lines of earlier revisions stay as they were sent.
    """

    ID_KIND = "qln"

    id = text_id()
    quote_id = reference()
    revision = models.PositiveIntegerField(default=1)
    line = models.PositiveIntegerField()
    item_code = models.CharField(max_length=40)
    description = models.CharField(max_length=200)
    pack_size = models.CharField(max_length=60)
    quantity = models.PositiveIntegerField(default=1)
    case_price = money()
    cost_basis = money(null=True, blank=True)
    margin_pct = percent(null=True, blank=True)
    price_source = models.CharField(max_length=40)

    class Meta:
        db_table = "quote_lines"
        constraints = [
            models.UniqueConstraint(fields=["quote_id", "revision", "item_code"], name="quote_line_once_per_item"),
            models.CheckConstraint(condition=Q(case_price__gt=0), name="quote_line_price_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.quote_id}/{self.line}"

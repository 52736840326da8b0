"""Items, what they cost, and what customers pay for them."""

from django.db import models
from django.db.models import Q

from workflows_app.models.fields import money, percent, reference, text_id


class Vendor(models.Model):
    """A supplier."""

    id = text_id()
    ns_id = models.CharField(max_length=40, null=True, blank=True, unique=True)
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254, blank=True, null=True)
    phone = models.CharField(max_length=60, blank=True, null=True)

    class Meta:
        db_table = "vendors"

    def __str__(self) -> str:
        return self.name


class SpecItem(models.Model):
    """An item that can be sold, by case."""

    item_code = models.CharField(primary_key=True, max_length=40)
    ns_id = models.CharField(max_length=40, null=True, blank=True, unique=True)
    description = models.CharField(max_length=200)
    pack_size = models.CharField(max_length=60)
    vendor_id = reference(blank=True, null=True)
    list_price = money(null=True, blank=True)
    active = models.BooleanField(default=True)
    replaced_by = models.CharField(max_length=40, blank=True, null=True)

    class Meta:
        db_table = "spec_items"
        verbose_name = "item"

    def __str__(self) -> str:
        return f"{self.item_code} {self.description}"


class ItemCost(models.Model):
    """What a vendor charges for a case from a date on."""

    ID_KIND = "cst"

    id = text_id()
    item_code = models.CharField(max_length=40)
    vendor_id = reference()
    cost = money()
    effective_date = models.DateField()

    class Meta:
        db_table = "item_costs"
        constraints = [
            models.UniqueConstraint(fields=["item_code", "vendor_id", "effective_date"], name="cost_once_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.item_code} {self.cost}"


class PricingTier(models.Model):
    """A price level and its discount off the list."""

    tier = models.CharField(primary_key=True, max_length=40)
    discount_pct = percent()

    class Meta:
        db_table = "pricing_tiers"

    def __str__(self) -> str:
        return self.tier


class PricingMaster(models.Model):
    """The price in force: one row per customer, item and school year."""

    ID_KIND = "prc"

    id = text_id()
    customer_id = reference()
    item_code = models.CharField(max_length=40)
    school_year = models.CharField(max_length=7)
    case_price = money()
    cost_basis = money(null=True, blank=True)
    margin_pct = percent(null=True, blank=True)
    effective_from = models.DateField()

    class Meta:
        db_table = "pricing_master"
        verbose_name_plural = "pricing master"
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "item_code", "school_year"], name="price_once_per_year"),
            models.CheckConstraint(condition=Q(case_price__gt=0), name="price_above_zero"),
        ]
        indexes = [
            # anomaly scan and "who buys this item".
            models.Index(fields=["item_code", "school_year"], name="price_by_item"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.item_code} {self.school_year}"


class ProposedPricing(models.Model):
    """A price that was approved to be offered and is not yet in force (or was promoted, or dropped)."""

    ID_KIND = "ppr"

    id = text_id()
    customer_id = reference()
    item_code = models.CharField(max_length=40)
    school_year = models.CharField(max_length=7)
    case_price = money()
    cost_basis = money(null=True, blank=True)
    margin_pct = percent(null=True, blank=True)
    effective_from = models.DateField()
    proposed_at = models.DateTimeField(help_text="When its offer was approved; of two remedies the newer counts.")
    status = models.CharField(max_length=16, default="open")
    quote_id = reference(blank=True, null=True, help_text="The quote that it prices; empty: a remedy for any quote.")

    class Meta:
        db_table = "proposed_pricing"
        verbose_name_plural = "proposed pricing"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["open", "promoted", "dropped"]), name="proposed_price_status_known"
            ),
            models.CheckConstraint(condition=Q(case_price__gt=0), name="proposed_price_above_zero"),
        ]
        indexes = [
            # quote pricing: open rows of one customer and year.
            models.Index(
                fields=["customer_id", "school_year", "item_code"],
                condition=Q(status="open"),
                name="proposed_price_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.item_code} {self.case_price}"

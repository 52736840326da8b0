"""Read-only lists of the mirror and derived tables: customers, items, prices, ledger, quotes, receivables."""

from django.contrib import admin

from workflows_app import models
from workflows_app.admin.base import ReadOnlyAdmin
from workflows_app.admin.growing import GrowingAdmin
from workflows_app.admin.large_tables import ValuesLatelySeen
from workflows_app.admin.search import beginning, exactly, of_customer


@admin.register(models.Customer)
class CustomerAdmin(ReadOnlyAdmin):
    """Customers as NetSuite has them, with our own status."""

    list_display = ("companyname", "entitystatus", "email", "phone", "pricing_tier", "credit_limit", "sales_rep", "id")
    list_filter = ("entitystatus", "pricing_tier")
    search_fields = ("companyname", "email", "id", "ns_id")
    ordering = ("companyname", "id")


@admin.register(models.CustomerProfile)
class CustomerProfileAdmin(ReadOnlyAdmin):
    """Accounts-receivable set-up of each customer."""

    list_display = ("customer_id", "ar_contact_email", "credit_limit", "terms_id", "last_quote_event")
    search_fields = ("customer_id", "ar_contact_email")
    ordering = ("customer_id",)
    canonical = ("first_quote_context",)


@admin.register(models.CustomerProgram)
class CustomerProgramAdmin(ReadOnlyAdmin):
    """Programmes and service holds."""

    list_display = ("name", "type", "customer_id", "status", "starts_at", "deleted_at")
    list_filter = ("type", "status")
    search_fields = ("name", "customer_id")
    ordering = ("-starts_at", "id")


@admin.register(models.PaymentTerm)
class PaymentTermAdmin(ReadOnlyAdmin):
    """Payment terms."""

    list_display = ("name", "days", "id", "ns_id")
    ordering = ("days", "id")


@admin.register(models.SalesRep)
class SalesRepAdmin(ReadOnlyAdmin):
    """Sales representatives."""

    list_display = ("name", "email", "id", "ns_id")
    search_fields = ("name", "email")
    ordering = ("name", "id")


@admin.register(models.Vendor)
class VendorAdmin(ReadOnlyAdmin):
    """Suppliers."""

    list_display = ("name", "email", "phone", "id")
    search_fields = ("name", "email", "id")
    ordering = ("name", "id")


@admin.register(models.SpecItem)
class SpecItemAdmin(ReadOnlyAdmin):
    """What can be sold."""

    list_display = ("item_code", "description", "pack_size", "list_price", "active", "vendor_id", "replaced_by")
    list_filter = ("active",)
    search_fields = ("item_code", "description")
    ordering = ("item_code",)


@admin.register(models.ItemCost)
class ItemCostAdmin(ReadOnlyAdmin):
    """What vendors charge, by date."""

    list_display = ("item_code", "vendor_id", "cost", "effective_date")
    search_fields = ("item_code", "vendor_id")
    ordering = ("-effective_date", "item_code", "id")


@admin.register(models.PricingTier)
class PricingTierAdmin(ReadOnlyAdmin):
    """Price levels."""

    list_display = ("tier", "discount_pct")
    ordering = ("tier",)


@admin.register(models.PricingMaster)
class PricingMasterAdmin(ReadOnlyAdmin):
    """Prices in force."""

    list_display = (
        "customer_id",
        "item_code",
        "school_year",
        "case_price",
        "cost_basis",
        "margin_pct",
        "effective_from",
    )
    list_filter = ("school_year",)
    search_fields = ("customer_id", "item_code")
    ordering = ("customer_id", "item_code", "school_year")


@admin.register(models.ProposedPricing)
class ProposedPricingAdmin(ReadOnlyAdmin):
    """Prices approved to be offered."""

    list_display = ("customer_id", "item_code", "school_year", "case_price", "margin_pct", "status", "quote_id")
    list_filter = ("status", "school_year")
    search_fields = ("customer_id", "item_code", "quote_id")
    ordering = ("-effective_from", "id")


@admin.register(models.Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    """Invoices, payments, orders, estimates and bills."""

    list_display = (
        "tranid",
        "type",
        "customer_id",
        "trandate",
        "duedate",
        "foreigntotal",
        "foreignamountunpaid",
        "status",
    )
    list_filter = ("type", "status")
    search_fields = ("tranid", "customer_id", "id")
    ordering = ("-trandate", "id")


@admin.register(models.TransactionLine)
class TransactionLineAdmin(ReadOnlyAdmin):
    """Lines of transactions."""

    list_display = ("transaction_id", "line", "item_code", "description", "quantity", "rate", "amount")
    search_fields = ("transaction_id", "item_code")
    ordering = ("transaction_id", "line")


@admin.register(models.CustomerPayment)
class CustomerPaymentAdmin(ReadOnlyAdmin):
    """Payments."""

    list_display = ("customer_id", "amount", "payment_date", "transaction_id", "id")
    search_fields = ("customer_id", "transaction_id", "id")
    ordering = ("-payment_date", "id")


@admin.register(models.Quote)
class QuoteAdmin(GrowingAdmin):
    """Price quotations."""

    list_display = ("id", "customer_id", "school_year", "lifecycle_status", "total", "valid_until", "revision", "ns_id")
    list_filter = (("lifecycle_status", ValuesLatelySeen), ("school_year", ValuesLatelySeen))
    search_by = (
        of_customer("customer_id", newest="generated_at"),
        beginning("id", "quote id"),
        exactly("ns_id", "NetSuite's id"),
    )
    ordering = ("-generated_at", "id")


@admin.register(models.QuoteLine)
class QuoteLineAdmin(GrowingAdmin):
    """Lines of quotes."""

    list_display = ("quote_id", "line", "item_code", "description", "case_price", "margin_pct", "price_source")
    search_by = (exactly("quote_id", "quote id"),)
    ordering = ("quote_id", "revision", "item_code")


@admin.register(models.ArAging)
class ArAgingAdmin(ReadOnlyAdmin):
    """Open invoices by age."""

    list_display = ("customer_name", "tranid", "amount", "days_overdue", "bucket", "as_of")
    list_filter = ("bucket",)
    search_fields = ("customer_name", "tranid", "customer_id")
    ordering = ("-days_overdue", "id")


@admin.register(models.ArDispute)
class ArDisputeAdmin(ReadOnlyAdmin):
    """Disputed invoices."""

    list_display = ("customer_id", "invoice_ref", "status", "dunning_paused", "opened_at", "reason")
    list_filter = ("status", "dunning_paused")
    search_fields = ("customer_id", "invoice_ref", "reason")
    ordering = ("-opened_at", "id")


@admin.register(models.AnomalyInvestigation)
class AnomalyInvestigationAdmin(ReadOnlyAdmin):
    """Findings of the anomaly scan."""

    list_display = ("kind", "entity_type", "entity_id", "severity", "status", "created_at")
    list_filter = ("status", "kind", "severity")
    search_fields = ("entity_id", "fingerprint")
    ordering = ("-created_at", "id")
    canonical = ("evidence",)


@admin.register(models.WeeklyAnomaly)
class WeeklyAnomalyAdmin(ReadOnlyAdmin):
    """Findings per week and kind."""

    list_display = ("week_start", "kind", "open_count", "total_count", "last_seen_at")
    list_filter = ("kind",)
    ordering = ("-week_start", "kind")

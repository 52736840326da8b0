"""Customers and what hangs on them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from workflows_app.models.fields import money, reference, text_id


class Customer(models.Model):
    """A customer. `entitystatus` is ours; everything else follows NetSuite once `ns_id` is known."""

    ID_KIND = "cus"

    id = text_id()
    ns_id = models.CharField(max_length=40, null=True, blank=True, unique=True)
    companyname = models.CharField(max_length=200)
    email = models.CharField(max_length=254, blank=True, null=True)
    phone = models.CharField(max_length=60, blank=True, null=True)
    billing_address = models.TextField(blank=True, null=True)
    shipping_address = models.TextField(blank=True, null=True)
    entitystatus = models.CharField(max_length=16, default="prospect")
    credit_limit = money(default=0)
    terms_id = reference(blank=True, null=True)
    sales_rep = reference(blank=True, null=True, help_text="sales_reps.id")
    pricing_tier = models.CharField(max_length=40, default="standard")
    lastmodifieddate = models.DateTimeField(null=True, blank=True, help_text="Empty until NetSuite confirms.")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "customers"
        constraints = [
            models.CheckConstraint(
                condition=Q(entitystatus__in=["active", "hold", "prospect", "closed"]),
                name="customer_status_known",
            ),
        ]
        indexes = [
            # new_customer's duplicate search and the admin's search.
            models.Index(Lower("companyname"), name="customer_by_name"),
            models.Index(Lower("email"), name="customer_by_email"),
        ]

    def __str__(self) -> str:
        return self.companyname


class CustomerProfile(models.Model):
    """Accounts-receivable set-up and the first-quote bundle of one customer."""

    customer_id = reference(primary_key=True)
    ar_contact_email = models.CharField(max_length=254, blank=True, null=True)
    credit_limit = money(default=0)
    terms_id = reference(blank=True, null=True)
    last_quote_event = models.DateTimeField(null=True, blank=True)
    first_quote_context = models.TextField(blank=True, null=True, help_text="Canonical text of the first-quote bundle.")

    class Meta:
        db_table = "customer_profiles"

    def __str__(self) -> str:
        return str(self.customer_id)


class CustomerProgram(models.Model):
    """A program a customer is in: a pricing tier, a service hold, a commodity program."""

    ID_KIND = "prg"

    id = text_id()
    customer_id = reference()
    type = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=16, default="active")
    starts_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "customer_programs"
        constraints = [
            # A customer is in a program at most once at a time; also refuses a doubled service hold.
            models.UniqueConstraint(
                fields=["customer_id", "type", "name"],
                condition=Q(status="active", deleted_at__isnull=True),
                name="program_active_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PaymentTerm(models.Model):
    """Payment terms, e.g. Net 30."""

    id = text_id()
    ns_id = models.CharField(max_length=40, null=True, blank=True, unique=True)
    name = models.CharField(max_length=80, unique=True)
    days = models.PositiveIntegerField()

    class Meta:
        db_table = "payment_terms"

    def __str__(self) -> str:
        return self.name


class SalesRep(models.Model):
    """A sales representative."""

    id = text_id()
    ns_id = models.CharField(max_length=40, null=True, blank=True, unique=True)
    name = models.CharField(max_length=120)
    email = models.CharField(max_length=254)

    class Meta:
        db_table = "sales_reps"

    def __str__(self) -> str:
        return self.name

"""Rows for tests: one factory per mirror table, with traits for the situations that the workflows tell apart.

Text ids are numeric, as NetSuite's are, and equal to `ns_id`; the trait `born_here` makes a row that NetSuite does not
know yet. Dates are relative to `TODAY`, a Monday in the school year 2026-27; pass `now=NOW` to the code under test.
"""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from approvals import canonical
from approvals.models import Outcome, ProposalStatus, ProposedAction
from workflows_app import models

NOW = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
YEAR = "2026-27"
LAST_YEAR = "2025-26"
_ids = iter(range(900_001, 10_000_000))


def days_ago(days: int) -> date:
    """The date `days` before `TODAY`; negative is in the future."""
    return TODAY - timedelta(days=days)


def moment(**ago: float) -> datetime:
    """A moment before `NOW`: `moment(days=3)`, `moment(hours=25)`."""
    return NOW - timedelta(**ago)


def _numeric_id() -> str:
    return str(next(_ids))


def _born_here(kind: str) -> factory.Trait:
    return factory.Trait(id=factory.LazyFunction(lambda: f"cs-{kind}-{uuid.uuid4()}"), ns_id=None)


class _Mirror(DjangoModelFactory):
    """A row with a numeric text id."""

    class Meta:
        abstract = True

    id = factory.LazyFunction(_numeric_id)


class PaymentTermFactory(_Mirror):
    """Net 30 unless said otherwise; asking for a name twice gives the same row."""

    class Meta:
        model = models.PaymentTerm
        django_get_or_create = ("name",)

    ns_id = factory.SelfAttribute("id")
    days = 30
    name = factory.LazyAttribute(lambda row: f"Net {row.days}")


class SalesRepFactory(_Mirror):
    """A sales representative."""

    class Meta:
        model = models.SalesRep

    ns_id = factory.SelfAttribute("id")
    name = factory.Sequence(lambda n: f"Rep {n}")
    email = factory.LazyAttribute(lambda row: f"rep{row.id}@example.org")


class CustomerFactory(_Mirror):
    """An active customer of the standard tier."""

    class Meta:
        model = models.Customer

    class Params:
        on_hold = factory.Trait(entitystatus="hold")
        closed = factory.Trait(entitystatus="closed")
        prospect = factory.Trait(entitystatus="prospect", lastmodifieddate=None)
        school = factory.Trait(pricing_tier="school")
        born_here = _born_here("cus")

    ns_id = factory.SelfAttribute("id")
    companyname = factory.Sequence(lambda n: f"Customer {n}")
    email = factory.LazyAttribute(lambda row: f"office{row.id}@example.com")
    phone = "+1 555 0100"
    billing_address = "1 Main St, Springfield, NY 10001"
    entitystatus = "active"
    credit_limit = Decimal("10000.00")
    pricing_tier = "standard"
    lastmodifieddate = factory.LazyFunction(lambda: moment(days=30))
    created_at = factory.LazyFunction(lambda: moment(days=400))


class CustomerProfileFactory(DjangoModelFactory):
    """The profile of a customer; pass `customer_id`."""

    class Meta:
        model = models.CustomerProfile

    customer_id = factory.LazyFunction(_numeric_id)
    ar_contact_email = factory.LazyAttribute(lambda row: f"ar{row.customer_id}@example.com")
    credit_limit = Decimal("10000.00")


class CustomerProgramFactory(_Mirror):
    """An active program of a customer."""

    class Meta:
        model = models.CustomerProgram

    class Params:
        service_hold = factory.Trait(type="service_hold", name="Service hold")
        ended = factory.Trait(status="ended", deleted_at=factory.LazyFunction(lambda: moment(days=1)))

    customer_id = factory.LazyFunction(_numeric_id)
    type = "pricing_tier"
    name = "standard"
    status = "active"
    starts_at = factory.LazyFunction(lambda: moment(days=100))


class VendorFactory(_Mirror):
    """A supplier."""

    class Meta:
        model = models.Vendor

    ns_id = factory.SelfAttribute("id")
    name = factory.Sequence(lambda n: f"Vendor {n}")
    email = factory.LazyAttribute(lambda row: f"sales{row.id}@example.org")


class SpecItemFactory(DjangoModelFactory):
    """An active item with a list price."""

    class Meta:
        model = models.SpecItem

    class Params:
        inactive = factory.Trait(active=False)
        unpriceable = factory.Trait(list_price=None)

    item_code = factory.Sequence(lambda n: f"ITM-{n:05}")
    ns_id = factory.LazyFunction(_numeric_id)
    description = factory.LazyAttribute(lambda row: f"Item {row.item_code}")
    pack_size = "6/#10"
    list_price = Decimal("20.00")


class ItemCostFactory(_Mirror):
    """What an item costs from thirty days ago on."""

    class Meta:
        model = models.ItemCost

    item_code = "ITM-1"
    vendor_id = "1"
    cost = Decimal("10.00")
    effective_date = factory.LazyFunction(lambda: days_ago(30))


class PricingTierFactory(DjangoModelFactory):
    """A tier without discount; asking for a tier twice gives the same row."""

    class Meta:
        model = models.PricingTier
        django_get_or_create = ("tier",)

    tier = "standard"
    discount_pct = Decimal("0.00")


class PricingMasterFactory(_Mirror):
    """The price of a customer and item in the current school year."""

    class Meta:
        model = models.PricingMaster

    class Params:
        last_year = factory.Trait(school_year=LAST_YEAR, effective_from=date(2025, 7, 1))

    customer_id = "1"
    item_code = "ITM-1"
    school_year = YEAR
    case_price = Decimal("15.00")
    effective_from = date(2026, 7, 1)


class ProposedPricingFactory(_Mirror):
    """An approved price that is not in force yet."""

    class Meta:
        model = models.ProposedPricing

    class Params:
        promoted = factory.Trait(status="promoted")
        dropped = factory.Trait(status="dropped")

    customer_id = "1"
    item_code = "ITM-1"
    school_year = YEAR
    case_price = Decimal("14.00")
    effective_from = factory.LazyFunction(lambda: days_ago(1))
    proposed_at = factory.LazyFunction(lambda: moment(days=1))
    status = "open"


class TransactionFactory(_Mirror):
    """An open invoice, due today; `overdue=40` makes it 40 days overdue. Other types by trait."""

    class Meta:
        model = models.Transaction

    class Params:
        overdue = 0
        paid = factory.Trait(foreignamountunpaid=Decimal("0.00"), status="Paid In Full")
        order = factory.Trait(type="SalesOrd", duedate=None, foreignamountunpaid=Decimal("0.00"), status="Billed")
        payment = factory.Trait(type="CustPymt", duedate=None, foreignamountunpaid=Decimal("0.00"), status="Deposited")

    type = "CustInvc"
    tranid = factory.LazyAttribute(lambda row: f"INV{row.id}")
    customer_id = "1"
    duedate = factory.LazyAttribute(lambda row: days_ago(row.overdue))
    trandate = factory.LazyAttribute(lambda row: (row.duedate or TODAY) - timedelta(days=30))
    foreigntotal = Decimal("100.00")
    foreignamountunpaid = factory.SelfAttribute("foreigntotal")
    status = "Open"


class TransactionLineFactory(_Mirror):
    """One line of a transaction; pass `transaction_id`."""

    class Meta:
        model = models.TransactionLine

    transaction_id = "1"
    line = 1
    item_code = "ITM-1"
    quantity = Decimal("10.00")
    rate = Decimal("15.00")
    amount = factory.LazyAttribute(lambda row: row.quantity * row.rate)


class CustomerPaymentFactory(_Mirror):
    """A payment; unapplied unless `transaction_id` is given."""

    class Meta:
        model = models.CustomerPayment

    customer_id = "1"
    transaction_id = None
    amount = Decimal("50.00")
    payment_date = factory.LazyFunction(lambda: days_ago(2))


class ArAgingFactory(DjangoModelFactory):
    """One row of the aging, ten days overdue."""

    class Meta:
        model = models.ArAging

    customer_id = "1"
    customer_name = "Customer"
    transaction_id = factory.LazyFunction(_numeric_id)
    tranid = factory.LazyAttribute(lambda row: f"INV{row.transaction_id}")
    amount = Decimal("100.00")
    days_overdue = 10
    bucket = "1-30"
    as_of = TODAY


class ArDisputeFactory(_Mirror):
    """An open dispute."""

    class Meta:
        model = models.ArDispute

    class Params:
        escalated = factory.Trait(status="escalated")
        resolved = factory.Trait(status="resolved")
        pausing = factory.Trait(status="escalated", dunning_paused=True)

    customer_id = "1"
    reason = "The cases were damaged."
    opened_at = factory.LazyFunction(lambda: moment(days=20))


class AnomalyInvestigationFactory(_Mirror):
    """An open investigation."""

    class Meta:
        model = models.AnomalyInvestigation

    kind = "margin_compression"
    entity_type = "customer_item"
    entity_id = "1:ITM-1"
    severity = "medium"
    evidence = "{}"
    fingerprint = factory.Sequence(lambda n: f"fingerprint-{n}")
    created_at = factory.LazyFunction(lambda: moment(hours=1))


class QuoteFactory(_Mirror):
    """A draft quote."""

    class Meta:
        model = models.Quote

    class Params:
        sent = factory.Trait(lifecycle_status="sent")
        born_here = _born_here("est")

    ns_id = factory.SelfAttribute("id")
    customer_id = "1"
    school_year = YEAR
    total = Decimal("15.00")
    valid_until = factory.LazyFunction(lambda: days_ago(-30))
    generated_at = factory.LazyFunction(lambda: moment(days=5))


class QuoteLineFactory(_Mirror):
    """One line of a quote; pass `quote_id`."""

    class Meta:
        model = models.QuoteLine

    quote_id = "1"
    line = 1
    item_code = "ITM-1"
    description = "Item"
    pack_size = "6/#10"
    case_price = Decimal("15.00")
    price_source = "master"


class InboundEmailFactory(DjangoModelFactory):
    """A message that triage has not read yet."""

    class Meta:
        model = models.InboundEmail

    uuid = factory.LazyFunction(lambda: str(uuid.uuid4()))
    message_id = factory.LazyAttribute(lambda row: f"<{row.uuid}@example.com>")
    sender = "buyer@example.com"
    subject = "Invoice question"
    text = "Please check our last invoice."
    received_at = factory.LazyFunction(lambda: moment(hours=2))


class SyncLogFactory(DjangoModelFactory):
    """A finished pass of the payments sync, ten minutes ago."""

    class Meta:
        model = models.SyncLog

    class Params:
        stale = factory.Trait(completed_at=factory.LazyFunction(lambda: moment(hours=25)))

    sync_type = "scheduled_hot_customer_payments"
    started_at = factory.LazyFunction(lambda: moment(minutes=12))
    completed_at = factory.LazyFunction(lambda: moment(minutes=10))
    status = "completed"


class ProposedActionFactory(DjangoModelFactory):
    """A pending leaf proposal as it would stand in the table; only for reading it. Decisions go through the service."""

    class Meta:
        model = ProposedAction

    class Params:
        approved = factory.Trait(status=ProposalStatus.APPROVED, outcome=Outcome.APPLIED)
        rejected = factory.Trait(status=ProposalStatus.REJECTED)

    id = factory.LazyFunction(lambda: f"cs-pro-{uuid.uuid4()}")
    action_type = "collection_action"
    title = "Collection letter"
    proposed_at = factory.LazyFunction(lambda: moment(days=3))
    window_ends_at = factory.LazyAttribute(lambda row: row.proposed_at + timedelta(hours=1))
    expires_at = factory.LazyAttribute(lambda row: row.proposed_at + timedelta(days=7))
    proposed_by = "machine:runner"
    effects = "[]"
    digest = factory.LazyAttribute(lambda row: canonical.digest(row.effects))


class OutboundEmailFactory(DjangoModelFactory):
    """A collection letter that was sent three days ago under an approved proposal."""

    class Meta:
        model = models.OutboundEmail

    id = factory.LazyFunction(lambda: f"cs-eml-{uuid.uuid4()}")
    action_type = "collection_action"
    to = "office@example.com"
    subject = "Your account"
    body = "Please pay."
    proposed_action = factory.SubFactory(ProposedActionFactory, approved=True)
    digest = factory.SelfAttribute("proposed_action.digest")
    message_id = factory.LazyAttribute(lambda row: f"<{row.id}@example.com>")
    status = "sent"
    created_at = factory.SelfAttribute("sent_at")
    sent_at = factory.LazyFunction(lambda: moment(days=3))


def contacted(customer: models.Customer, *, at: datetime, action_type: str = "collection_action") -> Any:
    """A customer who got a collection letter at `at`: the approved proposal and the sent letter."""
    proposal = ProposedActionFactory(
        approved=True,
        action_type=action_type,
        entity_type="customer",
        entity_ref=customer.id,
        customer_name=customer.companyname,
        proposed_at=at,
    )
    return OutboundEmailFactory(
        action_type=action_type,
        proposed_action=proposal,
        related_customer_id=customer.id,
        to=customer.email,
        sent_at=at,
    )

"""A company small enough to see at a glance, for tests of quotes, disputes and receivables."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests import factories
from workflows_app.models import Customer, SpecItem, Transaction

YEAR = factories.YEAR
LONG_AGO = date(2020, 1, 1)


def customer(name: str = "Oak School", **changes: Any) -> Customer:
    """An active customer with a profile, a sales rep and payment terms."""
    factories.PricingTierFactory(tier="standard")
    values = {
        "companyname": name,
        "terms_id": factories.PaymentTermFactory().pk,
        "sales_rep": factories.SalesRepFactory(name="Åsa Berg", email="asa@example.org").pk,
        **changes,
    }
    row = factories.CustomerFactory(**values)
    factories.CustomerProfileFactory(customer_id=row.pk)
    return row


def item(code: str, price: str | None = "20.00", *, cost: str = "10.00", **changes: Any) -> SpecItem:
    """An item with a list price and a cost."""
    factories.ItemCostFactory(item_code=code, cost=Decimal(cost), effective_date=LONG_AGO)
    return factories.SpecItemFactory(item_code=code, list_price=price and Decimal(price), **changes)


def invoice(owner: Customer, amount: str, *, overdue: int, **changes: Any) -> Transaction:
    """An open invoice of a customer with its row in the aging."""
    row = factories.TransactionFactory(customer_id=owner.pk, foreigntotal=Decimal(amount), overdue=overdue, **changes)
    factories.ArAgingFactory(
        customer_id=owner.pk,
        customer_name=owner.companyname,
        transaction_id=row.pk,
        tranid=row.tranid,
        amount=row.foreignamountunpaid,
        days_overdue=overdue,
        bucket=_bucket(overdue),
    )
    return row


def pay(paid: Transaction) -> None:
    """The ledger says that an invoice is paid: what a sync and the rebuild of the aging leave."""
    Transaction.objects.filter(pk=paid.pk).update(foreignamountunpaid=Decimal("0.00"), status="Paid In Full")
    factories.models.ArAging.objects.filter(transaction_id=paid.pk).delete()


def quote_request(owner: Customer, *codes: str, **changes: Any) -> dict[str, Any]:
    """The inputs of `customer_quote`, without the PDF, which takes time."""
    return {
        "customer_id": owner.pk,
        "item_codes": list(codes),
        "school_year": YEAR,
        "include_pdf": False,
        **changes,
    }


def _bucket(days: int) -> str:
    if days <= 0:
        return "current"
    return "1-30" if days <= 30 else "31-60" if days <= 60 else "61-90" if days <= 90 else "over 90"

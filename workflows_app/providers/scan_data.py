"""What all kinds of the anomaly scan look at, read once with one query per table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from workflows_app.models import Customer, ItemCost, PricingMaster, SpecItem, Vendor
from workflows_app.providers.findings import monday_of, school_year_of

WEEKS = 13  # twelve to compare with, and the last full week
_COST_DAYS = 800  # two school years and some

Quantity = dict[int, Decimal]  # week number (0 oldest, WEEKS - 1 the last full week) to cases

_ORDERS = """
SELECT t.customer_id, l.item_code, t.trandate, SUM(l.quantity)
FROM transactions t JOIN transaction_lines l ON l.transaction_id = t.id
WHERE t.type = 'SalesOrd' AND t.trandate >= %s AND t.trandate < %s
  AND LOWER(t.status) <> 'cancelled' AND t.customer_id IS NOT NULL AND l.item_code IS NOT NULL
GROUP BY t.customer_id, l.item_code, t.trandate
HAVING SUM(l.quantity) > 0
"""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a vendor charged for a case of an item from a date on."""

    vendor_id: str
    cost: Decimal
    effective_date: date


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """An active customer. One on hold, closed or a prospect is not expected to order, and pays no price."""

    id: str
    name: str
    tier: str


@dataclass(frozen=True, kw_only=True)
class ScanData:
    """The facts of one scan of `today`.

    `costs` are per active item, oldest first. `prices` are per customer and item: by school year, the case price and
    the margin written down with it. `orders` are per customer and item: cases by week, weeks without any left out.
    """

    today: date
    buyers: Mapping[str, Buyer]
    items: Mapping[str, str]
    vendors: Mapping[str, str]
    costs: Mapping[str, list[Cost]]
    prices: Mapping[tuple[str, str], Mapping[str, tuple[Decimal, Decimal | None]]] = field(default_factory=dict)
    orders: Mapping[str, Mapping[str, Quantity]] = field(default_factory=dict)

    @property
    def school_year(self) -> str:
        """The school year of today."""
        return school_year_of(self.today)


def read_scan_data(today: date) -> ScanData:
    """Read everything that the scan of `today` compares. Six queries, whatever the size."""
    items = dict(SpecItem.objects.filter(active=True).values_list("item_code", "description"))
    buyers = {
        key: Buyer(id=key, name=name, tier=tier)
        for key, name, tier in Customer.objects.filter(entitystatus="active").values_list(
            "id", "companyname", "pricing_tier"
        )
    }
    return ScanData(
        today=today,
        buyers=buyers,
        items=items,
        vendors=dict(Vendor.objects.values_list("id", "name")),
        costs=_costs(today, items),
        prices=_prices(today, buyers, items),
        orders=_orders(monday_of(today), buyers, items),
    )


def _costs(today: date, items: Mapping[str, str]) -> dict[str, list[Cost]]:
    found: dict[str, list[Cost]] = {}
    rows = ItemCost.objects.filter(effective_date__lte=today, effective_date__gt=today - timedelta(days=_COST_DAYS))
    for item, vendor, cost, since in rows.order_by("effective_date", "id").values_list(
        "item_code", "vendor_id", "cost", "effective_date"
    ):
        if item in items:
            found.setdefault(item, []).append(Cost(vendor_id=vendor, cost=cost, effective_date=since))
    return found


def _prices(
    today: date, buyers: Mapping[str, Buyer], items: Mapping[str, str]
) -> dict[tuple[str, str], dict[str, tuple[Decimal, Decimal | None]]]:
    years = [school_year_of(today), school_year_of(today - timedelta(days=365))]
    found: dict[tuple[str, str], dict[str, tuple[Decimal, Decimal | None]]] = {}
    for customer, item, year, price, margin in PricingMaster.objects.filter(school_year__in=years).values_list(
        "customer_id", "item_code", "school_year", "case_price", "margin_pct"
    ):
        if customer in buyers and item in items:
            found.setdefault((customer, item), {})[year] = (price, margin)
    return found


def _orders(this_week: date, buyers: Mapping[str, Buyer], items: Mapping[str, str]) -> dict[str, dict[str, Quantity]]:
    """Cases per customer, item and week of the 13 full weeks before this one."""
    start = this_week - timedelta(weeks=WEEKS)
    found: dict[str, dict[str, Quantity]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, [start, this_week])
        for customer, item, day, cases in cursor.fetchall():
            if customer in buyers and item in items:
                weeks = found.setdefault(customer, {}).setdefault(item, {})
                week = (_date(day) - start).days // 7
                weeks[week] = weeks.get(week, Decimal(0)) + Decimal(str(cases))
    return found


def _date(value: Any) -> date:
    """A date of a raw cursor; SQLite may give text."""
    return value if isinstance(value, date) else date.fromisoformat(value)

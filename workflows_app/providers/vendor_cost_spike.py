"""Vendor cost spike: the newest cost of an item against what the same vendor charged in the year before."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from workflows_app.providers.base import cents
from workflows_app.providers.findings import Finding
from workflows_app.providers.robust import Typical, typical
from workflows_app.providers.scan_data import Cost, ScanData

LEAST_RISE = Decimal("0.10")  # of the median
FEW_RISE = Decimal("0.25")  # of the median, when there are too few costs to know the noise
DEVIATIONS = Decimal("3.5")  # scaled MADs above the median
LEAST_NOISE = Decimal("0.02")  # of the median: vendors round their prices
LEAST_HISTORY = 4
NEWS_DAYS = 60  # an older change is no news, even when no newer cost followed
_YEAR = timedelta(days=365)


def cost_findings(data: ScanData) -> Iterator[Finding]:
    """Costs that jumped. One finding per vendor and item.

    The newest cost of a vendor for an active item is compared with the vendor's costs that took effect in the 365 days
    before it. It is a spike when it took effect in the last 60 days and

    1. with at least 4 costs to compare: it is at least 10 % above their median, and above it by more than 3.5 times
       their scaled MAD (at least 2 % of the median);
    2. with 1 to 3: it is at least 25 % above their median;

    and never without any. Severity: high from 30 % on, medium from 20 % on, else low.
    """
    for item, costs in sorted(data.costs.items()):
        by_vendor: dict[str, list[Cost]] = {}
        for cost in costs:
            by_vendor.setdefault(cost.vendor_id, []).append(cost)
        for vendor, series in sorted(by_vendor.items()):
            finding = _judge(data, item, vendor, series)
            if finding is not None:
                yield finding


def _judge(data: ScanData, item: str, vendor: str, series: list[Cost]) -> Finding | None:
    newest = series[-1]
    since = newest.effective_date
    before = [cost.cost for cost in series[:-1] if since - _YEAR <= cost.effective_date < since]
    if not before or (data.today - since).days > NEWS_DAYS:
        return None
    usual = typical(before)
    rise = newest.cost - usual.median
    if not _is_spike(rise, usual):
        return None
    return _finding(data, item, vendor, newest, usual, cents(rise / usual.median * 100))


def _is_spike(rise: Decimal, usual: Typical) -> bool:
    if usual.median <= 0:
        return False
    if usual.count < LEAST_HISTORY:
        return rise >= FEW_RISE * usual.median
    noise = usual.spread(LEAST_NOISE * usual.median)
    return rise >= LEAST_RISE * usual.median and rise > DEVIATIONS * noise


def _finding(data: ScanData, item: str, vendor: str, newest: Cost, usual: Typical, percent: Decimal) -> Finding:
    name = data.vendors.get(vendor, f"vendor {vendor}")
    return Finding(
        kind="vendor_cost_spike",
        entity_type="vendor_item",
        entity_id=f"{vendor}:{item}",
        severity="high" if percent >= 30 else "medium" if percent >= 20 else "low",
        title=(
            f"{name} charges {newest.cost} for {item} {data.items[item]} since {newest.effective_date}: "
            f"{percent} % more than the usual {cents(usual.median)}."
        ),
        evidence={
            "cost": newest.cost,
            "cost_since": newest.effective_date,
            "usual_cost": cents(usual.median),
            "rise_pct": percent,
            "mad": cents(usual.mad),
            "costs_compared": usual.count,
        },
        remedy_kind="call_vendor",
        remedy_text=f"Call {name} about {item}: ask why, and for {cents(usual.median)} again.",
        item_code=item,
        cost_basis=newest.cost,
        vendor_id=vendor,
    )

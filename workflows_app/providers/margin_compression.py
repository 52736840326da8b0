"""Margin compression: what a customer pays for an item against what the item costs now."""

from collections.abc import Iterator
from decimal import Decimal

from workflows_app.providers.base import cents, margin_pct
from workflows_app.providers.findings import FLOOR_PCT, Finding, price_at_floor, school_year_of
from workflows_app.providers.robust import Typical, typical
from workflows_app.providers.scan_data import Cost, ScanData

LEAST_DROP = Decimal(5)  # percentage points below the own median before a fall above the floor is worth a word
DEVIATIONS = 3  # scaled MADs below the own median
LEAST_HISTORY = 4  # earlier margins needed to speak of "its own history"
_SLIM = Decimal(5)  # a margin below this is of high severity

Years = dict[str, tuple[Decimal, Decimal | None]]


def margin_findings(data: ScanData) -> Iterator[Finding]:
    """Prices in force whose margin at the newest cost is compressed: one finding per customer and item.

    The margin is (case price - newest cost) / case price in percent. It is compressed when

    1. it is below the floor of 15 %, whatever its history; or
    2. at least 4 earlier margins of the same customer and item are known, and it is below their median by more than
       3 scaled MADs and by more than 5 percentage points.

    Earlier margins are those written down with the prices of this and the last school year, and those that the price of
    each year gave at every cost of that year before the newest one. Severity: high below 5 %, medium below the floor,
    low above it.
    """
    for (customer, item), years in sorted(data.prices.items()):
        costs = data.costs.get(item)
        if costs and data.school_year in years:
            finding = _judge(data, customer, item, dict(years), costs)
            if finding is not None:
                yield finding


def _judge(data: ScanData, customer: str, item: str, years: Years, costs: list[Cost]) -> Finding | None:
    price, newest = years[data.school_year][0], costs[-1]
    margin = margin_pct(price, newest.cost)
    if margin is None or (margin >= FLOOR_PCT and not _can_have_fallen(margin, years, costs)):
        return None
    history = _history(years, costs)
    usual = typical(history) if len(history) >= LEAST_HISTORY else None
    if margin < FLOOR_PCT or (usual is not None and _fell(margin, usual)):
        return _finding(data, customer, item, price, newest, margin, usual)
    return None


def _can_have_fallen(margin: Decimal, years: Years, costs: list[Cost]) -> bool:
    """Cheap and never wrong with "no": no earlier margin can be higher than the best price at the lowest cost."""
    lowest = min(cost.cost for cost in costs)
    best = [margin_pct(price, lowest) for price, _ in years.values()] + [written for _, written in years.values()]
    return max((value for value in best if value is not None), default=margin) - margin > LEAST_DROP


def _history(years: Years, costs: list[Cost]) -> list[Decimal]:
    margins = [written for _, written in years.values() if written is not None]
    for cost in costs[:-1]:
        price, _ = years.get(school_year_of(cost.effective_date), (None, None))
        margin = None if price is None else margin_pct(price, cost.cost)
        if margin is not None:
            margins.append(margin)
    return margins


def _fell(margin: Decimal, usual: Typical) -> bool:
    return usual.median - margin > max(LEAST_DROP, DEVIATIONS * usual.mad)


def _finding(
    data: ScanData, customer: str, item: str, price: Decimal, newest: Cost, margin: Decimal, usual: Typical | None
) -> Finding:
    name, below = data.buyers[customer].name, margin < FLOOR_PCT
    wanted = price_at_floor(newest.cost) if below else None
    before = "" if usual is None else f", usually {cents(usual.median)} %"
    return Finding(
        kind="margin_compression",
        entity_type="customer_item",
        entity_id=f"{customer}:{item}",
        severity="high" if margin < _SLIM else "medium" if below else "low",
        title=(
            f"{name} pays {price} for {item} {data.items[item]} that now costs {newest.cost}: "
            f"a margin of {margin} %{before}."
        ),
        evidence={
            "case_price": price,
            "cost": newest.cost,
            "cost_since": newest.effective_date,
            "margin_pct": margin,
            "floor_pct": FLOOR_PCT,
            "usual_margin_pct": None if usual is None else cents(usual.median),
            "mad": None if usual is None else cents(usual.mad),
            "margins_compared": 0 if usual is None else usual.count,
        },
        remedy_kind="new_price" if below else "call_account",
        remedy_text=(
            f"Raise the price from {price} to {wanted}, which restores a margin of {FLOOR_PCT} %."
            if below
            else f"Talk to {name} about the price of {item}: the margin fell, but is still above {FLOOR_PCT} %."
        ),
        remedy_price=wanted,
        customer_id=customer,
        customer_name=name,
        item_code=item,
        school_year=data.school_year,
        cost_basis=newest.cost,
        vendor_id=newest.vendor_id,
    )

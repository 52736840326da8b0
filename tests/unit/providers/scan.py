"""Facts for the kinds of the anomaly scan, without a database."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from workflows_app.providers.scan_data import WEEKS, Buyer, Cost, ScanData

TODAY = date(2026, 11, 18)
YEAR, LAST_YEAR = "2026-27", "2025-26"


def facts(**given: object) -> ScanData:
    """One buyer, one item and one vendor, unless said otherwise."""
    usual: dict[str, object] = {
        "today": TODAY,
        "buyers": {"7": Buyer(id="7", name="Café Ñandú", tier="standard")},
        "items": {"RICE": "Rice, Long Grain"},
        "vendors": {"201": "Prairie Grain"},
        "costs": {},
    }
    return ScanData(**{**usual, **given})  # type: ignore[arg-type]


def costs(*values: str, newest_days_ago: int = 10, every: int = 30, vendor: str = "201") -> list[Cost]:
    """Costs a month apart, oldest first."""
    newest = TODAY - timedelta(days=newest_days_ago)
    return [
        Cost(
            vendor_id=vendor, cost=Decimal(value), effective_date=newest - timedelta(days=every * (len(values) - 1 - n))
        )
        for n, value in enumerate(values)
    ]  # fmt: skip


def weeks(*cases: int) -> dict[int, Decimal]:
    """Cases of the last weeks, the last full week last; a week of 0 has no order."""
    first = WEEKS - len(cases)
    return {first + number: Decimal(value) for number, value in enumerate(cases) if value}


def buying(*, tier: str = "school", **orders: Mapping[str, Sequence[int]]) -> ScanData:
    """Buyers of a tier, each with cases by item: `buying(ann={"RICE": [10] * 13})`."""
    items = {code for own in orders.values() for code in own}
    return facts(
        buyers={name: Buyer(id=name, name=name.title(), tier=tier) for name in orders},
        items={code: code.title() for code in items},
        orders={name: {code: weeks(*cases) for code, cases in own.items()} for name, own in orders.items()},
    )

"""What the anomaly scan finds, and how a finding becomes a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from approvals.canonical import canonical, to_json
from workflows_app.providers.base import CENT, Row

FLOOR_PCT = Decimal(15)  # the margin floor of customer_quote's `margin_floor` check


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One anomaly of one entity.

    `severity` is low, medium or high. `title` says what is wrong in one sentence with its numbers; `evidence` has the
    same numbers as JSON-ready data (decimals as text). `remedy_price` restores the margin floor, where a price helps.
    """

    kind: str
    entity_type: str
    entity_id: str
    severity: str
    title: str
    evidence: Mapping[str, Any]
    remedy_kind: str
    remedy_text: str
    remedy_price: Decimal | None = None
    customer_id: str | None = None
    customer_name: str | None = None
    item_code: str | None = None
    school_year: str | None = None
    cost_basis: Decimal | None = None
    vendor_id: str | None = None

    def fingerprint(self, week_start: date) -> str:
        """Once per kind, entity and ISO week: the key that makes three scans an hour insert it once."""
        year, week, _ = week_start.isocalendar()
        return f"{self.kind}:{self.entity_type}:{self.entity_id}:{year}-W{week:02}"

    def row(self, week_start: date) -> Row:
        """The finding with the columns of `anomaly_scan`, but for `is_new`."""
        return {
            "fingerprint": self.fingerprint(week_start),
            "kind": self.kind,
            "entity_type": self.entity_type,
            "entity_id": self.entity_id,
            "severity": self.severity,
            "title": self.title,
            "evidence": to_json(self.evidence),
            "evidence_text": canonical(self.evidence),
            "week_start": week_start,
            "customer_id": self.customer_id,
            "customer_name": self.customer_name,
            "item_code": self.item_code,
            "school_year": self.school_year,
            "cost_basis": self.cost_basis,
            "vendor_id": self.vendor_id,
            "remedy_kind": self.remedy_kind,
            "remedy_text": self.remedy_text,
            "remedy_price": self.remedy_price,
        }


def monday_of(day: date) -> date:
    """The Monday of the ISO week of `day`."""
    return day - timedelta(days=day.weekday())


def school_year_of(day: date) -> str:
    """The school year of a date, July 1 to June 30, as `2026-27`."""
    start = day.year if day.month >= 7 else day.year - 1
    return f"{start}-{(start + 1) % 100:02}"


def price_at_floor(cost: Decimal) -> Decimal:
    """The lowest price with whole cents whose margin is at least the floor."""
    return (cost / (1 - FLOOR_PCT / 100)).quantize(CENT, rounding=ROUND_CEILING)

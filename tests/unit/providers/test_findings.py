from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.canonical import canonical
from workflows_app.providers.base import margin_pct
from workflows_app.providers.findings import FLOOR_PCT, Finding, monday_of, price_at_floor, school_year_of


@pytest.mark.parametrize(
    ("day", "year"),
    [("2026-06-30", "2025-26"), ("2026-07-01", "2026-27"), ("2027-01-31", "2026-27"), ("1999-09-01", "1999-00")],
)
def test_a_school_year_starts_in_july(day, year):
    assert school_year_of(date.fromisoformat(day)) == year


@given(st.decimals(min_value="0.01", max_value=5000, places=2))
def test_the_price_at_the_floor_is_the_lowest_that_restores_it(cost):
    price = price_at_floor(cost)

    assert price - cost >= price * FLOOR_PCT / 100
    lower = price - Decimal("0.01")
    assert lower - cost < lower * FLOOR_PCT / 100


def _finding(**changes):
    values = {
        "kind": "vendor_cost_spike", "entity_type": "vendor_item", "entity_id": "201:RICE", "severity": "low",
        "title": "t", "evidence": {"cost": Decimal("1.50"), "since": date(2026, 11, 1)},
        "remedy_kind": "call_vendor", "remedy_text": "r",
    }  # fmt: skip
    return Finding(**values | changes)


def test_a_fingerprint_names_kind_entity_and_iso_week():
    fingerprint = _finding().fingerprint(monday_of(date(2027, 1, 3)))

    assert fingerprint == "vendor_cost_spike:vendor_item:201:RICE:2026-W53"


def test_all_days_of_a_week_share_a_fingerprint():
    days = [date(2026, 11, 16 + number) for number in range(7)]

    assert len({_finding().fingerprint(monday_of(day)) for day in days}) == 1


def test_evidence_is_json_ready_and_its_text_canonical():
    row = _finding().row(date(2026, 11, 16))

    assert row["evidence"] == {"cost": "1.50", "since": "2026-11-01"}
    assert row["evidence_text"] == canonical(row["evidence"])


@pytest.mark.parametrize(
    ("price", "cost", "margin"),
    [("20.00", "17", "15.00"), ("20.01", "17.00", "15.04"), ("8.00", "10.00", "-25.00"), ("0.01", "500", "-99999.99")],
)  # fmt: skip
def test_a_margin_is_rounded_half_up_and_bounded(price, cost, margin):
    assert margin_pct(Decimal(price), Decimal(cost)) == Decimal(margin)


def test_a_price_of_nothing_has_no_margin():
    assert margin_pct(Decimal(0), Decimal(1)) is None

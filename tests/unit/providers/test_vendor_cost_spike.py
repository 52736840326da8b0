from decimal import Decimal

import pytest

from tests.unit.providers.scan import costs, facts
from workflows_app.providers.vendor_cost_spike import cost_findings


def _scan(*cost, **given):
    return list(cost_findings(facts(costs={"RICE": costs(*cost, **given)})))


def test_a_jump_is_found_although_the_costs_never_moved_before():
    (finding,) = _scan(*(["10.00"] * 6), "13.80")

    assert (finding.entity_id, finding.severity, finding.vendor_id) == ("201:RICE", "high", "201")
    assert finding.evidence["rise_pct"] == Decimal("38.00")
    assert "13.80" in finding.title


@pytest.mark.parametrize(("newest", "severity"), [("11.00", "low"), ("12.00", "medium"), ("13.00", "high")])
def test_severity_follows_the_rise(newest, severity):
    (finding,) = _scan(*(["10.00"] * 6), newest)

    assert finding.severity == severity


def test_a_rise_below_ten_percent_is_no_spike():
    assert not _scan(*(["10.00"] * 6), "10.99")


def test_a_fall_is_no_spike():
    assert not _scan(*(["10.00"] * 6), "5.00")


def test_steady_inflation_is_no_spike():
    assert not _scan(*[f"{10 + month * 0.12:.2f}" for month in range(13)])


def test_a_rise_within_the_noise_of_a_seasonal_item_is_no_spike():
    assert not _scan("10.00", "14.00", "10.50", "13.50", "9.00", "14.50", "11.00", "14.60")


def test_one_earlier_spike_does_not_hide_the_next():
    assert _scan("10.00", "10.10", "19.00", "10.00", "9.90", "10.00", "13.00")


def test_with_few_costs_only_a_large_jump_counts():
    assert not _scan("10.00", "12.40")
    assert _scan("10.00", "12.50")


def test_a_first_cost_is_no_spike():
    assert not _scan("10.00")


def test_an_old_spike_is_no_news():
    assert not _scan(*(["10.00"] * 6), "13.80", newest_days_ago=61)


def test_vendors_are_compared_with_themselves():
    dear = costs("15.00", vendor="211", newest_days_ago=5)

    assert not list(cost_findings(facts(costs={"RICE": costs(*(["10.00"] * 6), newest_days_ago=40) + dear})))


def test_costs_older_than_a_year_are_not_compared():
    (finding,) = _scan("30.00", "30.00", "30.00", "10.00", "10.00", "10.00", "14.00", every=120)

    assert finding.evidence["costs_compared"] == 3

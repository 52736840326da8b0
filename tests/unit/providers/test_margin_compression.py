from decimal import Decimal

import pytest

from tests.unit.providers.scan import LAST_YEAR, YEAR, costs, facts
from workflows_app.providers.margin_compression import margin_findings

STEADY = ("10.00",) * 8


def _scan(price, *cost, last_price="14.00", **given):
    prices = {YEAR: (Decimal(price), None), LAST_YEAR: (Decimal(last_price), None)}
    return list(margin_findings(facts(prices={("7", "RICE"): prices}, costs={"RICE": costs(*cost, **given)})))


def test_a_margin_below_the_floor_asks_for_the_price_that_restores_it():
    (finding,) = _scan("11.00", *STEADY)

    assert (finding.entity_id, finding.severity, finding.remedy_kind) == ("7:RICE", "medium", "new_price")
    assert finding.evidence["margin_pct"] == Decimal("9.09")
    assert finding.remedy_price == Decimal("11.77")


def test_a_margin_of_exactly_the_floor_is_kept():
    assert not _scan("20.00", *(["17.00"] * 8), last_price="20.00")


def test_a_sale_below_cost_is_severe():
    (finding,) = _scan("9.00", *STEADY)

    assert finding.severity == "high"


def test_a_fall_from_the_own_history_above_the_floor_is_a_word_to_the_account():
    (finding,) = _scan("14.00", *STEADY, "11.50")

    assert (finding.severity, finding.remedy_kind, finding.remedy_price) == ("low", "call_account", None)
    assert finding.evidence["usual_margin_pct"] == Decimal("28.57")


def test_a_fall_within_the_usual_noise_is_nothing():
    noisy = ("8.50", "9.50", "10.50", "9.00", "11.00", "10.00", "8.80", "11.20")

    assert not _scan("14.00", *noisy)


def test_a_small_fall_is_nothing_although_costs_never_moved():
    assert not _scan("14.00", *STEADY, "10.60")


@pytest.mark.parametrize("count", [1, 2])
def test_with_few_earlier_margins_only_the_floor_counts(count):
    assert not _scan("14.00", *(["10.00"] * count), "11.50")
    assert _scan("14.00", *(["10.00"] * count), "12.50")


def test_an_item_without_cost_is_not_judged():
    prices = {("7", "RICE"): {YEAR: (Decimal("1.00"), None)}}

    assert not list(margin_findings(facts(prices=prices)))


def test_a_price_of_last_year_only_is_not_in_force():
    prices = {("7", "RICE"): {LAST_YEAR: (Decimal("1.00"), None)}}

    assert not list(margin_findings(facts(prices=prices, costs={"RICE": costs(*STEADY)})))

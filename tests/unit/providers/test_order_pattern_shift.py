from decimal import Decimal

import pytest

from tests.unit.providers.scan import buying
from workflows_app.providers.order_pattern_shift import order_findings

STEADY = [20] * 13


def _changes(data):
    return {(f.entity_type, f.entity_id): f.evidence["change"] for f in order_findings(data)}


def _with_others(own, others=9, shape=STEADY):
    """One customer among others who order like `shape`."""
    return buying(ann={"RICE": own}, **{f"other{n}": {"MILK": shape} for n in range(others)})


def test_steady_orders_are_no_shift():
    assert not _changes(_with_others(STEADY))


@pytest.mark.parametrize(("last", "change"), [(70, "surge"), (4, "drop")])
def test_a_week_far_from_the_own_median_is_a_shift(last, change):
    (finding,) = order_findings(_with_others([20] * 12 + [last]))

    assert (finding.entity_id, finding.evidence["change"]) == ("ann:RICE", change)
    assert (finding.evidence["cases"], finding.evidence["usual_cases"]) == (Decimal(last), Decimal(20))
    assert f"{last} cases" in finding.title
    assert "20 cases a week" in finding.title


@pytest.mark.parametrize("last", [10, 30])
def test_half_more_or_less_is_no_shift_even_for_a_customer_without_any_noise(last):
    assert not _changes(_with_others([20] * 12 + [last]))


def test_a_few_cases_more_are_no_shift_for_a_small_buyer():
    assert not _changes(_with_others([2] * 12 + [7]))


def test_a_noisy_buyer_needs_more():
    noisy = [5, 40, 10, 35, 8, 38, 12, 30, 6, 42, 9, 33]

    assert not _changes(_with_others([*noisy, 60]))


def test_a_new_item_is_no_surge():
    assert not _changes(buying(ann={"RICE": STEADY, "NEW": [0] * 12 + [50]}))


def test_one_week_without_the_item_is_neither_drop_nor_silence():
    assert not _changes(buying(ann={"RICE": [20] * 12 + [0], "MILK": STEADY}))


def test_a_double_order_after_a_skipped_week_stands_for_both():
    assert not _changes(_with_others([20] * 11 + [0, 40]))


def test_an_item_that_a_regular_buyer_no_longer_orders_has_stopped():
    (finding,) = order_findings(buying(ann={"RICE": [20] * 10 + [0] * 3, "MILK": STEADY}))

    assert (finding.entity_id, finding.severity, finding.evidence["silent_weeks"]) == ("ann:RICE", "high", 3)


def test_a_customer_who_fell_silent_is_one_finding():
    silent = {"RICE": [20] * 9 + [0] * 4, "MILK": [10] * 9 + [0] * 4}

    assert _changes(buying(ann=silent)) == {("customer", "ann"): "stopped"}


def test_two_silent_weeks_are_not_enough():
    assert not _changes(_with_others([20] * 11 + [0] * 2))


def test_silence_is_measured_by_the_own_rhythm():
    fortnightly = [20, 0, 20, 0, 20, 0, 20, 0, 20, 0, 0, 0, 0]

    assert not _changes(_with_others(fortnightly))
    assert _changes(_with_others([20, 0, 20, 0, 20, 0, 20, 0, 0, 0, 0, 0, 0])) == {("customer", "ann"): "stopped"}


def test_an_occasional_buyer_never_stops():
    assert not _changes(_with_others([20, 0, 0, 0, 20, 0, 0, 20, 0, 0, 0, 0, 0]))


def test_a_week_in_which_nobody_ordered_is_no_anomaly_of_anybody():
    holiday = [20] * 12 + [0]

    assert not _changes(_with_others(holiday, shape=holiday))


def test_a_long_holiday_of_everybody_is_no_silence():
    holiday = [20] * 8 + [0] * 5

    assert not _changes(_with_others(holiday, shape=holiday))


def test_a_short_week_of_everybody_is_no_drop():
    short = [20] * 12 + [6]

    assert not _changes(_with_others(short, shape=short))


def test_the_start_of_term_is_no_surge():
    term = [2] * 10 + [40] * 3

    assert not _changes(_with_others(term, shape=term))


def test_a_holiday_among_the_weeks_compared_is_left_out():
    before = [20] * 6 + [0] + [20] * 5

    assert _changes(_with_others([*before, 80], shape=[*before, 20])) == {("customer_item", "ann:RICE"): "surge"}


def test_a_holiday_week_does_not_count_as_silence():
    own = [20] * 10 + [0] * 3

    assert not _changes(_with_others(own, shape=[20] * 11 + [0, 20]))


def test_one_shifting_customer_makes_no_season():
    data = buying(ann={"RICE": [20] * 12 + [90]}, bob={"RICE": STEADY})

    assert _changes(data) == {("customer_item", "ann:RICE"): "surge"}


def test_a_customer_without_peers_is_judged_by_himself():
    assert _changes(buying(ann={"RICE": [20] * 12 + [90]})) == {("customer_item", "ann:RICE"): "surge"}


def test_too_few_weeks_give_no_verdict():
    shape = [0] * 7 + [20] * 6

    assert not _changes(_with_others([0] * 7 + [20] * 5 + [90], shape=shape))

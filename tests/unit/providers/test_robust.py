from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from workflows_app.providers.robust import typical

amounts = st.decimals(min_value=0, max_value=10_000, places=2)


def test_the_mad_is_scaled_to_a_standard_deviation():
    usual = typical([Decimal(value) for value in (8, 9, 10, 11, 12)])

    assert (usual.median, usual.mad, usual.count) == (Decimal(10), Decimal("1.4826"), 5)


def test_equal_values_have_no_noise_but_a_least_spread():
    usual = typical([Decimal(10)] * 6)

    assert usual.mad == 0
    assert usual.spread(Decimal("1.5")) == Decimal("1.5")


@given(st.lists(amounts, min_size=3, max_size=25), amounts)
def test_one_wild_value_keeps_the_median_among_the_others(values, wild):
    usual = typical([*values, wild])

    assert min(values) <= usual.median <= max(values)

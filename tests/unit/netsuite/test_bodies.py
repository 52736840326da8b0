"""Numbers on their way to NetSuite and back."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows_app.netsuite.bodies import decoded, encoded


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=2))
def test_money_arrives_as_the_same_number(amount: Decimal) -> None:
    assert decoded(encoded({"rate": amount}).decode())["rate"] == amount


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_no_number_is_changed_silently(number: Decimal) -> None:
    try:
        sent = encoded({"n": number})
    except (ValueError, OverflowError):
        return
    assert decoded(sent.decode())["n"] == number


def test_a_number_with_too_many_digits_is_refused() -> None:
    with pytest.raises(ValueError, match="more digits"):
        encoded({"rate": Decimal("1.12345678901234567890")})


def test_text_stays_text() -> None:
    assert json.loads(encoded({"memo": "ü 39.95"})) == {"memo": "ü 39.95"}


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="set cannot be sent"):
        encoded({"x": {1}})

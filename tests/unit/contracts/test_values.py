"""Values survive being stored: freezing and thawing changes nothing."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.canonical import NotCanonicalError, canonical, parse
from workflows_app.contracts.values import freeze, thaw

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | TEXT
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
)
KEYS = TEXT | st.sampled_from(["$decimal", "$date", "$datetime", "$map"])
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=20)


@given(VALUES)
def test_freezing_and_thawing_gives_the_same_value(value: Any) -> None:
    assert thaw(freeze(value)) == value


@given(VALUES)
def test_a_frozen_value_survives_canonical_text(value: Any) -> None:
    frozen = freeze(value)

    assert thaw(parse(canonical(frozen))) == value
    assert json.loads(canonical(frozen)) == frozen


@pytest.mark.parametrize("value", [Decimal("12.50"), date(2026, 9, 1), datetime(2026, 9, 1, 6, tzinfo=UTC), True, 1])
def test_the_type_survives(value: object) -> None:
    assert type(thaw(freeze(value))) is type(value)
    assert str(thaw(freeze(value))) == str(value)


@pytest.mark.parametrize("value", [1.5, b"x", datetime(2026, 9, 1), Decimal("NaN")])  # noqa: DTZ001 naive is meant
def test_what_has_no_canonical_text_is_refused(value: object) -> None:
    with pytest.raises(NotCanonicalError):
        freeze(value)

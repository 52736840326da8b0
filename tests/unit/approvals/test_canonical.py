"""approvals.canonical: one text for one value."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.canonical import NotCanonicalError, canonical, digest, parse, to_json

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@given(JSON)
def test_reading_a_text_back_gives_the_same_value_and_text(value: object) -> None:
    text = canonical(value)

    assert parse(text) == value
    assert canonical(parse(text)) == text


@given(st.dictionaries(TEXT, JSON))
def test_the_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("12.50"), '"12.50"'),
        (Decimal("1E+3"), '"1000"'),
        (date(2026, 3, 1), '"2026-03-01"'),
        (datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=2))), '"2026-03-01T06:00:00Z"'),
        (("a", 1), '["a",1]'),
    ],
)
def test_decimals_moments_and_tuples_have_one_text(value: object, text: str) -> None:
    assert canonical(value) == text


@pytest.mark.parametrize(
    "value",
    [1.5, "a\x00b", "\ud800", datetime(2026, 1, 1), Decimal("NaN"), b"x", {1: 2}, {"a": object()}],  # noqa: DTZ001
)
def test_what_does_not_survive_storage_is_refused(value: object) -> None:
    with pytest.raises(NotCanonicalError):
        to_json(value)


@pytest.mark.parametrize("text", ["1.5", "1e3", "NaN", "-Infinity"])
def test_a_number_that_would_become_a_float_is_not_read(text: str) -> None:
    with pytest.raises(NotCanonicalError):
        parse(text)


def test_the_digest_is_the_sha256_of_the_text() -> None:
    assert digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest("a") != digest("b")

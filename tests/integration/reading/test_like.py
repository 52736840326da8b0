"""LIKE with any text: a value matches itself and nothing else, and `contains()` finds exactly what contains it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.reading.world import NOW, column
from workflows_app.contracts.expressions import Pattern
from workflows_app.models import Customer

NAMES = [
    "",
    "%",
    "_",
    "\\",
    "100%",
    "a_b",
    "aXb",
    "a\\b",
    "A%\\_b",
    "ÄÖ",
    "äö",
    "ß",
    "ẞ",
    "ΣΑΣ",
    "σας",
    "i",
    "İ",
    "'",
    '"',
    "x\ny",
]
texts = st.text(st.sampled_from("%_\\aAbXäÄöÖßΣσςiİ'\"x\n01"), max_size=3)
relaxed = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def _names(db: None) -> None:
    rows = [Customer(id=f"{n:02}", companyname=name, created_at=NOW) for n, name in enumerate(NAMES)]
    Customer.objects.bulk_create(rows)


def folded(text: str) -> str:
    """Case-folded letter by letter, as LIKE compares on both databases."""
    return "".join(character.lower()[0] for character in text)


def escaped(text: str) -> str:
    """As `contains()` and `starts_with()` escape."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def found(value: str) -> list[str]:
    """The names that are LIKE the value."""
    return [NAMES[int(id)] for id in column("SELECT id FROM customers WHERE companyname LIKE ?", value)]


@given(texts)
@relaxed
def test_a_value_matches_only_the_text_that_it_is(value: str) -> None:
    assert found(value) == [name for name in NAMES if folded(name) == folded(value)]


@given(texts)
@relaxed
def test_a_pattern_of_contains_matches_what_contains_the_value(value: str) -> None:
    assert found(Pattern(f"%{escaped(value)}%")) == [name for name in NAMES if folded(value) in folded(name)]


@given(texts)
@relaxed
def test_a_pattern_of_starts_with_matches_what_begins_so(value: str) -> None:
    assert found(Pattern(f"{escaped(value)}%")) == [name for name in NAMES if folded(name).startswith(folded(value))]


@given(st.lists(st.sampled_from(["%", "_", "a", "b", "ä", "\\%", "\\_", "\\\\"]), max_size=6).map("".join))
@relaxed
def test_any_pattern_means_what_sql_says(pattern: str) -> None:
    assert found(Pattern(pattern)) == [name for name in NAMES if _matches(folded(pattern), folded(name))]


def _matches(pattern: str, text: str) -> bool:
    """LIKE by its definition, one character at a time."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(_matches(pattern[1:], text[start:]) for start in range(len(text) + 1))
    if pattern[0] == "_":
        return bool(text) and _matches(pattern[1:], text[1:])
    literal, rest = (pattern[1], pattern[2:]) if pattern[0] == "\\" else (pattern[0], pattern[1:])
    return text[:1] == literal and _matches(rest, text[1:])


def test_a_pattern_cannot_run_away() -> None:
    Customer.objects.create(id="99", companyname="a" * 199 + "b", created_at=NOW)

    assert found(Pattern("%a" * 60 + "%c")) == []

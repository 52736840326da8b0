"""On PostgreSQL a search takes one of two ways, by how many of the newest rows have it; both find the same."""

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.integration.reading.memory.memories import remember
from workflows_app.reading.memory import postgresql, search

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's index is in the order of the rows"),
]


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve rows: `common` in each, `rare` in three, of which two are older than what is looked at."""
    for number in range(12):
        rare = " rare" if number in (0, 1, 11) else ""
        remember(f"Onboard Maple {number}\nA common text{rare}", "new_customer,customer:42")
    monkeypatch.setattr(postgresql, "_LOOKED_AT", 5)
    monkeypatch.setattr(postgresql, "_MANY", 3)


def sought(words: str, tags: str = "", **options: bool) -> tuple[list[str], str]:
    """The runs that were found, in order, and the statement that found them."""
    with CaptureQueriesContext(connection) as captured:
        found = [row.run_id for row in search(words, tags, **options).rows]
    return found, next(query["sql"] for query in captured if "AS narrative" in query["sql"])


@pytest.mark.parametrize("best_first", [False, True])
@pytest.mark.parametrize(
    ("words", "tags"), [("common", ""), ("rare", ""), ("rare", "customer:42"), ("", "new_customer")]
)
def test_both_ways_find_the_same(
    rows: None, monkeypatch: pytest.MonkeyPatch, words: str, tags: str, best_first: bool
) -> None:
    ways: Sequence[int] = (0, 1_000)

    found = []
    for many in ways:
        monkeypatch.setattr(postgresql, "_MANY", many)
        found.append(sought(words, tags, best_first=best_first))

    assert found[0][0] == found[1][0]
    assert len(found[0][0]) == (3 if words == "rare" else 12)
    assert ["MATERIALIZED" in sql for _rows, sql in found] == [False, True]


def test_what_few_of_the_newest_have_is_found_by_the_index_of_words(rows: None) -> None:
    assert "MATERIALIZED" in sought("rare")[1]
    assert "MATERIALIZED" not in sought("common")[1]

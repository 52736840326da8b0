"""Searching the memory by words and tags, alike on both databases, whatever is typed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.reading.memory.memories import remember
from workflows_app.models import ReflexionLog
from workflows_app.reading.memory import Piece, search

pytestmark = pytest.mark.django_db


def found(words: str, tags: str = "", **options: bool) -> list[str]:
    """The first lines of what was found, in order."""
    return ["".join(piece.text for piece in row.title) for row in search(words, tags, **options).rows]


def marks(words: str) -> list[str]:
    """The words that are marked in the first row, title and excerpt."""
    row = search(words).rows[0]
    return [piece.text for piece in (*row.title, *row.excerpt) if piece.found]


def test_every_word_must_occur_anywhere_in_the_narrative_or_the_tags() -> None:
    remember("Onboard Maple Ridge\nThe letter was rejected", "new_customer,customer:42")
    remember("Onboard Lakeside\nThe letter was sent", "new_customer")

    assert found("maple") == ["Onboard Maple Ridge"]
    assert found("MAPLE rejected new_customer") == ["Onboard Maple Ridge"]
    assert found("maple sent") == []
    assert found("onboard") == ["Onboard Lakeside", "Onboard Maple Ridge"]


def test_a_word_is_found_in_its_other_forms() -> None:
    remember("Two deliveries were rejected")

    assert found("delivery rejecting") == ["Two deliveries were rejected"]
    assert marks("delivery") == ["deliveries"]


def test_words_in_quotes_must_stand_in_a_row() -> None:
    remember("lunch for the school")
    remember("school lunch for Maple")

    assert found('"school lunch"') == ["school lunch for Maple"]
    assert len(found("school lunch")) == 2


def test_a_star_finds_words_that_begin_so() -> None:
    remember("Lakeside Schools")

    assert found("lake*") == ["Lakeside Schools"]
    assert found("lake") == []
    assert marks("lake*") == ["Lakeside"]


def test_addresses_step_names_and_run_ids_are_found_by_their_parts() -> None:
    remember("write_ns: letter to food@maple.example", run_id="3f2a9c1e-77aa-4b7e-9df0-000000000001")

    for words in ("food@maple.example", "maple.example", "write_ns", "write", "3f2a9c1e-77aa"):
        assert found(words) == ["write_ns: letter to food@maple.example"], words


def test_a_tag_is_compared_letter_for_letter_and_all_tags_must_be_there() -> None:
    remember("one", "quote,customer:4,school_year:2026-27")
    remember("two", "quote,customer:42,school_year:2026-27")
    remember("three", "quote_draft,customer:42")

    assert found("", "customer:42") == ["three", "two"]
    assert found("", "customer:4") == ["one"]
    assert found("", "quote, customer:42,school_year:2026-27") == ["two"]
    assert found("", "quote") == ["two", "one"]
    assert found("", "QUOTE") == []
    assert found("", "4") == []
    assert found("two", "customer:4") == []


def test_without_words_and_tags_everything_is_there_newest_first() -> None:
    remember("older")
    remember("newer")

    assert found("") == found("  ") == ["newer", "older"]


@pytest.mark.parametrize("words", ["%", "_", "*", '"', "—", "&", "NOT", "'; DROP TABLE reflexion_log; --"])
def test_signs_and_operators_find_nothing_and_do_nothing(words: str) -> None:
    remember("one")

    assert found(words) == []
    assert ReflexionLog.objects.count() == 1


def test_what_fits_best_can_come_first() -> None:
    remember("maple maple maple")
    remember("maple among many other words that say nothing at all about such a tree")

    assert found("maple", best_first=True)[0] == "maple maple maple"
    assert len(found("", "made_up", best_first=True)) == 2


def test_pages_follow_one_another_and_the_last_says_so() -> None:
    for number in range(5):
        remember(f"maple {number}")

    first, last = search("maple", limit=3), search("maple", limit=3, offset=3)

    assert [row.title[-1].text.strip() for row in first.rows] == ["4", "3", "2"]
    assert (first.more, last.more) == (True, False)
    assert [row.run_id for row in last.rows] == ["run-000001", "run-000000"]


def test_what_is_found_stays_raw_text_beside_its_mark() -> None:
    remember("<b>maple</b> & co")

    assert search("maple").rows[0].title == (
        Piece(text="<b>"), Piece(text="maple", found=True), Piece(text="</b> & co"),
    )  # fmt: skip


def test_an_altered_or_removed_memory_is_found_as_it_is_now() -> None:
    row = remember("maple")
    ReflexionLog.objects.filter(pk=row.pk).update(narrative="birch")

    assert (found("maple"), found("birch")) == ([], ["birch"])

    ReflexionLog.objects.filter(pk=row.pk).delete()
    assert found("birch") == []


def test_a_very_long_narrative_is_kept_and_found_by_its_beginning() -> None:
    remember("maple " + " ".join(f"{number:x}word" for number in range(200_000)))

    assert len(found("maple")) == 1


@pytest.mark.parametrize("count", [1, 15])
def test_a_search_takes_the_same_queries_for_one_row_and_for_many(count: int) -> None:
    for _row in range(count):
        remember("maple")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(search("maple", "made_up").rows) == count

    assert len(queries) <= 4


SIGNS = st.text(st.sampled_from("ab \"'*()^:-+{}.,%_\\|&!<>~\0\ud800é²½ḀßİΣ\u0301\ue000\ue001\U0001f600;"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(
    st.one_of(st.text(), SIGNS, st.sampled_from(["a AND", "NEAR(a b)", "tags:", "{run_id}", "a OR b"])),
    st.one_of(st.text(), SIGNS),
)
def test_whatever_is_typed_is_no_error(typed: str, tags: str) -> None:
    for best_first in (False, True):
        assert search(typed, tags, best_first=best_first).more is False


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.text(st.characters(categories=["Ll", "Lu", "Nd"], max_codepoint=0x24F), min_size=4, max_size=12))
def test_a_word_that_was_written_is_found(word: str) -> None:
    row = remember(f"before {word} after")

    assert row.pk in [memory.run_id for memory in search(word, limit=1000).rows]

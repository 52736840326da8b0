"""A difference shows what differs and nothing else."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workflows_app.presentation.difference import Changed, read_difference

ID = "cs-qln-0d9d7f2e-1d8a-5c6b-9f0e-2a4d6c8e0b1a"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def difference(was: Any, now: Any, where: str = "step") -> tuple[Changed, ...]:
    return read_difference([{"where": where, "was": was, "now": now}])


def test_a_changed_list_shows_the_one_value_that_changed() -> None:
    (changed,) = difference(
        [{"rate": "1.00", "item": "a"}, {"rate": "2.00"}], [{"rate": "1.50", "item": "a"}, {"rate": "2.00"}]
    )

    assert (changed.where, str(changed.before), str(changed.after)) == ("step · 1 · rate", "1.00", "1.50")


def test_a_changed_letter_shows_the_lines_that_changed() -> None:
    (changed,) = difference("Dear Lee,\nyou owe 5.\nBye", "Dear Lee,\nyou owe 7.\nBye")

    assert (str(changed.before), str(changed.after)) == ("you owe 5.", "you owe 7.")


def test_a_place_is_named_without_ids_and_structure() -> None:
    (changed,) = difference("1", "2", where=f"write_quote · quote_lines {ID} · values · case_price")

    assert changed.where == "write quote · quote lines · case price"


def test_what_is_gone_is_left_out() -> None:
    (changed,) = difference({"id": "7"}, None)

    assert str(changed.after) == "left out"


@given(JSON, JSON)
def test_a_difference_is_never_silent(was: Any, now: Any) -> None:
    assert bool(difference(was, now)) == (json.dumps(was, sort_keys=True) != json.dumps(now, sort_keys=True))


def test_a_key_that_is_gone_is_a_difference_even_when_it_held_nothing() -> None:
    assert len(difference({"a": None}, {})) == 1


@given(JSON)
def test_no_difference_shows_nothing(value: Any) -> None:
    assert difference(value, value) == ()

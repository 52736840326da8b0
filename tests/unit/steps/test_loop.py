"""Elements of a loop are identified and sorted by their key."""

from typing import Any

import pytest

from tests.planning import contract_of, env_of
from workflows_app.steps.errors import PlanningError
from workflows_app.steps.loop import elements

STEP = {
    "name": "write",
    "kind": "d1_write",
    "operations": [{"update": "vendors", "where": {"id": "1"}, "set": {"name": "x"}}],
}


def keys(found: Any) -> list[tuple[str, Any]]:
    env = env_of(contract_of(STEP), "write", found=found)
    return [(key, place.scope.lookup(("each",))) for key, place in elements("found", "each", "id", env)]


def test_elements_are_sorted_by_key_and_not_by_position() -> None:
    assert [key for key, _ in keys([{"id": "b"}, {"id": "a"}])] == ["a", "b"]


def test_an_element_that_is_no_mapping_is_its_own_key() -> None:
    assert keys(["x", "y"]) == [("x", "x"), ("y", "y")]


def test_null_has_no_elements() -> None:
    assert keys(None) == []


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([{"id": 1}, {"id": 1}], "two elements of found have the id 1"),
        ([{"name": "x"}], "an element of found has no id"),
        ([{"id": ""}], "an element of found has no id"),
        (5, "found is not a list"),
        ("text", "found is not a list"),
    ],
)
def test_a_loop_that_cannot_tell_its_elements_apart_is_refused(found: Any, message: str) -> None:
    with pytest.raises(PlanningError, match=message):
        keys(found)

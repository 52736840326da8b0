"""Expectations are judged with the names of the run, frozen when it ended."""

from decimal import Decimal

import pytest

from tests.planning import NOW
from workflows_app.checks.base import CheckNotExecutedError, frozen_names, holds
from workflows_app.reading.scope import Scope

SCOPE = Scope(now=NOW, context={"total": Decimal("12.50")}, steps={"draft": {"items": 2}}, run={"id": "run-1"})


def test_only_the_names_of_the_run_are_frozen() -> None:
    names = frozen_names(
        "value >= steps.draft.items AND rows > 0 AND total = 12.5", frozenset({"rows", "value"}), SCOPE
    )

    assert names == {"steps.draft.items": 2, "total": {"$decimal": "12.50"}}


@pytest.mark.parametrize(("value", "passed"), [(1, False), (2, True), (None, False)])
def test_an_expectation_is_judged_later(value: int | None, passed: bool) -> None:
    names = {"steps.draft.items": 2, "steps.draft.done": 1, "total": {"$decimal": "12.50"}}

    assert holds("value >= steps.draft.items AND total > 12", names, {"value": value}, NOW) is passed


def test_what_cannot_be_compared_is_said_so() -> None:
    with pytest.raises(CheckNotExecutedError, match="value > 'x'"):
        holds("value > 'x'", {}, {"value": 1}, NOW)

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.contracts.expressions.facts import Facts, facts
from workflows_app.contracts.expressions import explain

LINES = [
    {"item_code": "A1", "margin_pct": Decimal("14.99")},
    {"item_code": "B2", "margin_pct": Decimal("20")},
    {"item_code": "C3", "margin_pct": None},
]


@pytest.mark.parametrize(
    ("text", "names", "words"),
    [
        ("customer.entitystatus != 'hold'", {"customer": {"entitystatus": "hold"}}, "customer.entitystatus is hold"),
        ("customer.id IS NOT NULL", {"customer": None}, "customer.id is empty"),
        ("existing IS NULL", {"existing": {"id": "7"}}, "existing is there (7)"),
        ("count(buyers) > 0", {"buyers": []}, "buyers is 0 elements"),
        ("a > 3 AND NOT a = b", {"a": 1, "b": 2}, "a is 1; b is 2"),
        ("all line.margin_pct >= 15", {"line": LINES}, "line.margin_pct: A1 14.99, C3 empty"),
        ("all line.margin_pct >= 15", {"line": LINES[1:2]}, "all of line.margin_pct hold"),
        ("all line.margin_pct >= 15", {"line": []}, "line.margin_pct: there is none"),
        ("all line.margin_pct >= 15", {"line": None}, "line.margin_pct: there is none"),
        ("all inputs.line.margin_pct >= 20", {"inputs": {"line": LINES[:1]}}, "inputs.line.margin_pct: A1 14.99"),
        ("all ages > 3", {"ages": [3, 4, 2]}, "ages: 3, 2"),
        ("all ages > 9", {"ages": list(range(8))}, "ages: 0, 1, 2, 3, 4 and 3 more"),
        ("all g.r.n > 1", {"g": [{"r": [{"n": 1}, {"n": 2}]}, {"r": []}]}, "g.r.n: 1"),
        ("all g.r.n > 1", {"g": [None]}, "g.r.n: empty"),
        ("nowhere = 1", {}, "nowhere is not a loop alias, a context entry or an input"),
        ("all x = 1", {"x": 3}, "all x needs a list, and got 3"),
    ],
)
def test_a_rule_that_did_not_hold_is_explained(text: str, names: dict[str, Any], words: str) -> None:
    assert explain(text, facts(**names)) == words


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (["A1", "Z9"], "not in spec_items.item_code: Z9"),
        (["A1", None], "not in spec_items.item_code: empty"),
        (["A1"], "all of codes are in spec_items.item_code"),
        ([], "codes is empty"),
        (None, "codes is empty"),
    ],
)
def test_what_match_did_not_find_is_named(codes: list[str | None] | None, words: str) -> None:
    env = Facts(names={"codes": codes}, columns={("spec_items", "item_code"): ["A1"]})

    assert explain("all codes match spec_items.item_code", env) == words


def test_an_aggregate_is_explained_by_what_it_found() -> None:
    env = Facts(aggregated=None)

    assert explain("MAX(sync_log.completed_at WHERE sync_type = 'x') > ago('1 day')", env) == (
        "max of sync_log.completed_at is empty"
    )

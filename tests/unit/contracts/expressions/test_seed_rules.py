"""The rules of the seeds, letter for letter, each seen both passing and failing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.contracts.expressions.facts import NOW, Facts, facts
from workflows_app.contracts.expressions import is_true

LINES = [{"margin_pct": Decimal("15.00")}, {"margin_pct": Decimal("22.5")}]
ROW = {"id": "1", "companyname": "Leeds Schools"}

PASSING: list[tuple[str, dict[str, Any]]] = [
    (
        "existing_by_name IS NULL AND existing_by_email IS NULL",
        {"existing_by_name": None, "existing_by_email": None},
    ),
    ("contact_email LIKE '%@%'", {"contact_email": "ap@leeds.example"}),
    ("customer.id IS NOT NULL", {"customer": ROW}),
    ("customer.entitystatus != 'hold'", {"customer": {"entitystatus": "active"}}),
    ("all line.margin_pct >= 15", {"line": LINES}),
    ("invoice IS NOT NULL OR invoice_ref IS NULL", {"invoice": ROW, "invoice_ref": "INV-1"}),
    ("invoice IS NOT NULL OR invoice_ref IS NULL", {"invoice": None, "invoice_ref": None}),
    ("prior_disputes >= 2", {"prior_disputes": 2}),
    ("include_pdf", {"include_pdf": True}),
    (
        "customer.days_overdue > 90 AND customer.total_open > 25000",
        {"customer": {"days_overdue": 91, "total_open": Decimal("25000.01")}},
    ),
    ("all line.case_price IS NOT NULL", {"line": [{"case_price": Decimal("1.00")}]}),
    ("item.item_code IS NOT NULL", {"item": {"item_code": "A1"}}),
    ("count(buyers) > 0", {"buyers": [ROW]}),
    ("buyer.email IS NOT NULL", {"buyer": {"email": "a@b.example"}}),
    ("aging_row.total_open = was.total_open", {"aging_row": {"total_open": 5}, "was": {"total_open": Decimal("5.00")}}),
    ("rows >= 1", {"rows": 3}),
]

FAILING: list[tuple[str, dict[str, Any]]] = [
    ("existing_by_name IS NULL AND existing_by_email IS NULL", {"existing_by_name": ROW, "existing_by_email": None}),
    ("existing_by_name IS NULL AND existing_by_email IS NULL", {"existing_by_name": None, "existing_by_email": ROW}),
    ("contact_email LIKE '%@%'", {"contact_email": "leeds.example"}),
    ("contact_email LIKE '%@%'", {"contact_email": None}),
    ("customer.id IS NOT NULL", {"customer": None}),
    ("customer.entitystatus != 'hold'", {"customer": {"entitystatus": "hold"}}),
    ("customer.entitystatus != 'hold'", {"customer": None}),
    ("all line.margin_pct >= 15", {"line": [*LINES, {"margin_pct": Decimal("14.99")}]}),
    ("all line.margin_pct >= 15", {"line": [*LINES, {"margin_pct": None}]}),
    ("all line.margin_pct >= 15", {"line": []}),
    ("all line.margin_pct >= 15", {"line": None}),
    ("invoice IS NOT NULL OR invoice_ref IS NULL", {"invoice": None, "invoice_ref": "INV-1"}),
    ("prior_disputes >= 2", {"prior_disputes": 1}),
    ("prior_disputes >= 2", {"prior_disputes": None}),
    ("include_pdf", {"include_pdf": None}),
    (
        "customer.days_overdue > 90 AND customer.total_open > 25000",
        {"customer": {"days_overdue": 90, "total_open": Decimal("30000")}},
    ),
    ("all line.case_price IS NOT NULL", {"line": []}),
    ("count(buyers) > 0", {"buyers": []}),
    ("aging_row.total_open = was.total_open", {"aging_row": None, "was": {"total_open": Decimal("5.00")}}),
]


@pytest.mark.parametrize(("rule", "names"), PASSING)
def test_a_seed_rule_passes(rule: str, names: dict[str, Any]) -> None:
    assert is_true(rule, facts(**names))


@pytest.mark.parametrize(("rule", "names"), FAILING)
def test_a_seed_rule_fails(rule: str, names: dict[str, Any]) -> None:
    assert not is_true(rule, facts(**names))


@pytest.mark.parametrize(("codes", "passes"), [(["A1", "B2"], True), (["A1", "Z9"], False), ([], False), (None, False)])
def test_items_resolve_when_every_code_is_in_the_mirror(codes: list[str] | None, passes: bool) -> None:
    env = Facts(names={"item_codes": codes}, columns={("spec_items", "item_code"): ["A1", "B2"]})

    assert is_true("all item_codes match spec_items.item_code", env) is passes


def test_item_codes_are_looked_for_with_one_question() -> None:
    env = Facts(names={"item_codes": ["A1", "B2"]}, columns={("spec_items", "item_code"): ["A1"]})

    is_true("all item_codes match spec_items.item_code", env)

    assert env.asked == [(("A1", "B2"), "spec_items", "item_code")]


@pytest.mark.parametrize(("age", "passes"), [(23, True), (24, False), (25, False)])
def test_aging_data_is_fresh_when_the_last_sync_is_younger_than_a_day(age: int, passes: bool) -> None:
    env = Facts(aggregated=NOW - timedelta(hours=age))

    rule = "MAX(sync_log.completed_at WHERE sync_type='scheduled_hot_customer_payments') > ago('24 hours')"

    assert is_true(rule, env) is passes
    assert env.asked == [("MAX", "sync_log", "completed_at", (("sync_type", "=", "scheduled_hot_customer_payments"),))]


def test_aging_data_is_not_fresh_when_there_never_was_a_sync() -> None:
    assert not is_true("MAX(sync_log.completed_at WHERE sync_type='x') > ago('24 hours')", Facts(aggregated=None))

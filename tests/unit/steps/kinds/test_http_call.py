"""`http_call`: one request to an own endpoint."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from tests.planning import describe_step, plan_step
from workflows_app.steps.base import PlanningError

STEP = {
    "name": "render",
    "kind": "http_call",
    "method": "POST",
    "path": "/api/quote/pdf",
    "produces": ["R2 artifact at quotes/${{ quote.id }}.pdf"],
    "body": {"number": "${{ quote.id }}", "total": "${{ quote.total }}"},
    "lists": {"lines": {"for_each": "lines", "as": "each", "record": {"price": "${{ each.price }}"}}},
}
QUOTE = {"id": "cs-est-1", "total": Decimal("12.50")}


def test_the_body_is_plain_data_and_lists_hold_only_what_they_name() -> None:
    (effect,) = plan_step(STEP, quote=QUOTE, lines=[{"price": Decimal("12.50"), "cost": Decimal("9.00")}])

    assert effect["body"] == {"number": "cs-est-1", "total": "12.50", "lines": [{"line": 1, "price": "12.50"}]}


def test_the_seeds_words_around_a_key_are_no_part_of_it() -> None:
    (effect,) = plan_step(STEP, quote=QUOTE, lines=[])

    assert (effect["method"], effect["path"], effect["produces"]) == ("POST", "/api/quote/pdf", "quotes/cs-est-1.pdf")


def test_a_call_may_produce_nothing() -> None:
    (effect,) = plan_step(STEP | {"produces": []}, quote=QUOTE, lines=[])

    assert effect["produces"] is None


@pytest.mark.parametrize("quote_id", ["../etc/x", "a/../../x", ""])
def test_a_key_that_leaves_the_store_is_refused(quote_id: str) -> None:
    with pytest.raises(PlanningError, match="cannot be the key of an artifact"):
        plan_step(STEP | {"produces": ["${{ quote.id }}"]}, quote=QUOTE | {"id": quote_id}, lines=[])


@pytest.mark.parametrize("path", ["http://example.com/", "//example.com/x", "/\\example.com", "api/x"])
def test_only_own_paths_are_called(path: str) -> None:
    with pytest.raises(ValidationError):
        plan_step(STEP | {"path": path}, quote=QUOTE, lines=[])


def test_the_page_says_what_is_invoked() -> None:
    (change,) = describe_step(STEP)

    assert (change.system, change.resource, change.action) == ("Worker HTTP", "POST /api/quote/pdf", "invoke")

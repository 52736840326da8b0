"""`http_call`: one request, to an own endpoint or a listed host."""

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


OUTSIDE = {key: value for key, value in STEP.items() if key != "path"} | {
    "url": "https://api.example.com/orders/${{ quote.id }}",
    "headers": {"Authorization": {"secret": "PARTNER"}, "X-Quote": "${{ quote.id }}"},
}


def test_a_far_end_is_called_by_its_whole_address_with_secrets_by_their_names() -> None:
    (effect,) = plan_step(OUTSIDE, quote=QUOTE, lines=[])

    assert effect["path"] == "https://api.example.com/orders/cs-est-1"
    assert effect["headers"] == {"Authorization": {"secret": "PARTNER"}, "X-Quote": "cs-est-1"}
    (change,) = describe_step(OUTSIDE)
    assert (change.system, change.resource) == ("Outside HTTP", f"POST {OUTSIDE['url']}")


def test_an_own_call_says_nothing_of_headers() -> None:
    (effect,) = plan_step(STEP, quote=QUOTE, lines=[])

    assert "headers" not in effect


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "/api/x"},
        {"url": None},
        {"url": "https://${{ quote.id }}/"},
        {"url": "https://${{ quote.id }}.example.com/"},
        {"url": "https://user@api.example.com/"},
        {"url": "https://api.example.com"},
        {"url": "ftp://api.example.com/"},
        {"url": None, "path": "/api/x"},
        {"headers": {"Authorization": "Bearer abc"}},
        {"headers": {"cookie": "a=b"}},
        {"headers": {"Host": "other.example.com"}},
        {"headers": {"Idempotency-Key": "1"}},
        {"headers": {"X-Countersign-Signature": "1"}},
        {"headers": {"Content-Length": "1"}},
        {"headers": {"X Y": "1"}},
        {"headers": {"X-Key": {"secret": "lower"}}},
        {"headers": {"X-Key": {"secret": "A", "and": "B"}}},
        {"headers": {"X-Key": {}}},
    ],
)
def test_a_call_that_could_go_astray_does_not_load(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        plan_step(
            {key: value for key, value in (OUTSIDE | changes).items() if value is not None}, quote=QUOTE, lines=[]
        )

"""What is a quotation and what is not."""

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.delivery.quotes import line, quotation
from workflows_app.delivery.quote_document import QuoteError, read_document


def test_a_quotation_is_read_with_exact_money() -> None:
    document = read_document(quotation(first={"case_price": "0.10"}))

    assert document.lines[0].case_price == Decimal("0.10")
    assert document.total == sum(line.case_price for line in document.lines)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"total": "1.00"}, "add up to"),
        ({"total": 63.06}, "amount"),
        ({"total": "63.061"}, "decimal places"),
        ({"total": "NaN"}, "finite"),
        ({"lines": []}, "lines"),
        ({"lines": None}, "lines"),
        ({"valid_until": "2026-11-20"}, "before the date"),
        ({"valid_until": "soon"}, "valid_until"),
        ({"date": "2026-13-01T00:00:00Z"}, "date"),
        ({"school_year": "2026"}, "school_year"),
        ({"number": " "}, "number"),
        ({"customer": {"name": None}}, "customer.name"),
        ({"customer": {"name": "x", "bank": "y"}}, "customer.bank"),
        ({"revision": 0}, "revision"),
        ({"first": {"case_price": "-1.00"}}, "case_price"),
        ({"first": {"case_price": True}}, "case_price"),
        ({"first": {"quantity": 0}}, "quantity"),
        ({"first": {"description": ""}}, "description"),
        ({"first": {"item_code": "x" * 201}}, "item_code"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], words: str) -> None:
    data = quotation(**({"first": change["first"] | {"case_price": "1.00"}} if "quantity" in str(change) else {}))
    data["lines"][0] |= change.get("first", {})
    data |= {key: value for key, value in change.items() if key != "first"}

    with pytest.raises(QuoteError, match=words):
        read_document(data)


@pytest.mark.parametrize("data", [None, [], "x", 1, {}])
def test_other_json_is_no_quotation(data: Any) -> None:
    with pytest.raises(QuoteError):
        read_document(data)


def test_a_runs_start_may_be_the_date() -> None:
    assert read_document(quotation(date="2026-11-21T03:00:00Z")).date.isoformat() == "2026-11-21"


def test_null_is_allowed_where_nothing_need_be_said() -> None:
    customer = {"name": "Lee", "billing_address": None, "shipping_address": None}
    document = read_document(
        quotation(customer=customer, terms=None, prepared_by=None, notes=None, first={"pack_size": None})
    )

    assert (document.terms, document.customer.billing_address, document.lines[0].pack_size) == ("", "", "")


def test_characters_that_turn_text_around_are_removed() -> None:
    document = read_document(quotation(first={"description": "Beans \u202e00.1$\u2066\x1b[2J\nnext"}))

    assert document.lines[0].description == "Beans 00.1$ [2J next"


def test_lines_are_ordered_by_their_number() -> None:
    lines = [line(3), line(1), line(2)]

    assert [item.line for item in read_document(quotation(lines=lines)).ordered] == [1, 2, 3]


def test_lines_without_a_number_stay_as_they_came() -> None:
    lines = [line(position) | {"line": None} for position in (3, 1, 2)]

    assert [item.item_code for item in read_document(quotation(lines=lines)).ordered] == [
        "FD-1003",
        "FD-1001",
        "FD-1002",
    ]

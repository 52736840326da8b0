"""Approved records as NetSuite takes them."""

from decimal import Decimal

import pytest

from workflows_app.netsuite.payloads import UnresolvedError, sublists, wire

KNOWN = {"cs-cus-1": "647"}


def known(row_id: str) -> str:
    return KNOWN.get(row_id, "")


def test_numbers_are_numbers_and_other_texts_stay() -> None:
    record = {
        "creditLimit": "10000.00", "phone": "5185550101", "memo": "39.95",
        "item": {"items": [{"line": 1, "rate": "39.95", "quantity": "2", "description": "7"}]},
    }  # fmt: skip

    body = wire(record, known)

    assert body["creditLimit"] == Decimal("10000.00")
    assert (body["phone"], body["memo"]) == ("5185550101", "39.95")
    assert body["item"]["items"] == [{"line": 1, "rate": Decimal("39.95"), "quantity": Decimal(2), "description": "7"}]


def test_a_placeholder_becomes_the_id_it_stands_for() -> None:
    assert wire({"entity": {"id": {"placeholder": "ns_id", "of": "cs-cus-1"}}}, known) == {"entity": {"id": "647"}}


def test_an_unknown_row_is_waited_for() -> None:
    with pytest.raises(UnresolvedError, match="cs-cus-2") as raised:
        wire({"entity": {"id": {"placeholder": "ns_id", "of": "cs-cus-2"}}}, known)
    assert raised.value.row_id == "cs-cus-2"


@pytest.mark.parametrize("text", ["", "a lot", "NaN", "Infinity", "1,000.00"])
def test_what_must_be_a_number_and_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="creditLimit"):
        wire({"creditLimit": text}, known)


def test_a_placeholder_that_netsuite_cannot_know_is_refused() -> None:
    with pytest.raises(ValueError, match="now"):
        wire({"memo": {"placeholder": "now"}}, known)


def test_sublists_are_what_has_items() -> None:
    record = {"item": {"items": []}, "addressBook": {"items": [{}]}, "terms": {"id": "1"}, "memo": "items"}

    assert sublists(record) == ["addressBook", "item"]

from typing import Any

from tests.unit.netsuite.sandbox.company import company
from tests.unit.netsuite.sandbox.visitor import Visitor, refusal


def item_lines(visitor: Visitor, path: str) -> list[tuple[int, float]]:
    return [(line["line"], line["quantity"]) for line in visitor.read(path)["item"]["items"]]


def test_lines_and_total_come_back(visitor: Visitor) -> None:
    known = company(visitor)
    lines: dict[str, Any] = {
        "items": [
            {"line": 1, "item": {"id": known.rice}, "quantity": 2, "rate": 39.95, "description": "25 lb"},
            {"line": 2, "item": {"id": known.beans}, "quantity": 3},
        ]
    }

    key = visitor.new("estimate", entity={"id": known.customer}, item=lines)

    found = visitor.read(f"/estimate/{key}")
    first, second = found["item"]["items"]
    assert (first["item"]["refName"], first["rate"], first["amount"], first["description"]) == (
        "RICE", 39.95, 79.9, "25 lb",
    )  # fmt: skip
    assert (second["rate"], second["amount"]) == (20.25, 60.75)
    assert found["total"] == 140.65
    assert found["status"] == {"id": "A", "refName": "Open"}


def test_a_put_that_is_sent_again_doubles_lines_without_keys(visitor: Visitor) -> None:
    known = company(visitor)
    lines = {"items": [{"item": {"id": known.rice}, "quantity": 1, "rate": 1}]}
    body = {"entity": {"id": known.customer}, "item": lines}

    visitor.send("PUT", "/estimate/eid:e", body)
    visitor.send("PUT", "/estimate/eid:e", body)

    assert item_lines(visitor, "/estimate/eid:e") == [(1, 1), (2, 1)]


def test_lines_with_the_same_number_merge_and_others_are_added(visitor: Visitor) -> None:
    known = company(visitor)
    body = {"entity": {"id": known.customer}}
    visitor.send("PUT", "/estimate/eid:e", body | {"item": known.lines(1, 2)})

    visitor.send("PUT", "/estimate/eid:e", body | {"item": known.lines(5)})

    assert item_lines(visitor, "/estimate/eid:e") == [(1, 5), (2, 2)]


def test_replace_leaves_exactly_what_was_sent(visitor: Visitor) -> None:
    known = company(visitor)
    body = {"entity": {"id": known.customer}}
    visitor.send("PUT", "/estimate/eid:e", body | {"item": known.lines(1, 2, 3)})

    for _ in range(2):
        visitor.send("PUT", "/estimate/eid:e?replace=item", body | {"item": known.lines(7, 8)})

    assert item_lines(visitor, "/estimate/eid:e") == [(1, 7), (2, 8)]
    assert visitor.read("/estimate/eid:e")["total"] == 157.5


def test_an_unknown_item_names_its_place(visitor: Visitor) -> None:
    known = company(visitor)
    lines = {"items": [{"item": {"id": known.rice}}, {"item": {"id": "9999"}}]}

    answer = visitor.send("POST", "/estimate", {"entity": {"id": known.customer}, "item": lines})

    assert refusal(answer)[2] == (
        "Error while accessing resource: You have entered an Invalid Field Value 9999 for the following field: item"
    )
    assert answer.json()["o:errorDetails"][0]["o:errorPath"] == "item.items[1].item"
    assert visitor.sandbox.records("estimate") == []


def test_a_transaction_needs_its_customer_and_a_line(visitor: Visitor) -> None:
    known = company(visitor)

    nobody = refusal(visitor.send("POST", "/estimate", {"item": known.lines(1)}))
    nothing = refusal(visitor.send("POST", "/estimate", {"entity": {"id": known.customer}}))

    assert nobody[2].endswith("Please enter value(s) for: Customer.")
    assert nothing[2].endswith("You must enter at least one line item for this transaction.")
    assert visitor.sandbox.records("estimate") == []


def test_a_refused_line_changes_nothing_of_a_record_that_is_there(visitor: Visitor) -> None:
    known = company(visitor)
    visitor.send("PUT", "/estimate/eid:e", {"entity": {"id": known.customer}, "memo": "old", "item": known.lines(1)})
    before = visitor.read("/estimate/eid:e")

    visitor.send("PATCH", "/estimate/eid:e", {"memo": "new", "item": {"items": [{"line": 1, "item": {"id": "9"}}]}})

    assert visitor.read("/estimate/eid:e") == before


def test_addresses_are_a_sublist_with_a_subrecord_and_one_default(visitor: Visitor) -> None:
    home = {"addr1": "1 Road", "city": "Albany", "state": "NY", "zip": "12207"}
    book = [
        {"label": "Home", "defaultBilling": True, "addressBookAddress": home},
        {"label": "Dock", "defaultBilling": True, "addressBookAddress": {"override": True, "addrText": "Gate 4"}},
    ]

    key = visitor.new("customer", companyName="A", addressBook={"items": book})

    first, second = visitor.read(f"/customer/{key}")["addressBook"]["items"]
    assert first["addressBookAddress"]["addrText"] == "1 Road\nAlbany NY 12207"
    assert second["addressBookAddress"]["addrText"] == "Gate 4"
    assert (first["defaultBilling"], second["defaultBilling"]) == (False, True)

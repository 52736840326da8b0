"""One sentence for a decision, counted from its effects; names instead of ids; money added up."""

from typing import Any

import pytest

from workflows_app.presentation.names import born, named, references
from workflows_app.presentation.sentence import sentence
from workflows_app.presentation.values import grid, show

LETTER = {"kind": "email.send", "to": "food@maple.example"}
PUSH = {"kind": "netsuite.push", "record_type": "estimate"}
QUOTE = {"kind": "row.insert", "table": "quotes", "id": "q"}
LINE = {"kind": "row.insert", "table": "quote_lines", "id": "l"}
HOLD = {"kind": "row.update", "table": "customers", "id": "7", "set": {"entitystatus": "hold"}, "was": {}}


def staged(action_type: str) -> dict[str, Any]:
    return {"kind": "proposal.stage", "action_type": action_type}


@pytest.mark.parametrize(
    ("effects", "said"),
    [
        ([LETTER], "send one letter to food@maple.example"),
        ([{**LETTER, "to": f"{number}@x.example"} for number in range(5)], "send 5 letters to 5 addresses"),
        ([PUSH, QUOTE, LINE, LINE], "send 1 estimate to NetSuite and write 1 quote and 2 quote lines"),
        ([HOLD], "change 1 customer"),
        (named([HOLD], {("customer", "7"): "Lee"}), "change the customer Lee"),
        ([staged("collection_action")] * 2, "put up 2 collection letters for decisions of their own"),
        ([{"kind": "moon.landing"}], "do 1 thing of an unknown kind"),
        ([], "change nothing here; workflows that listen to it start"),
    ],
)
def test_a_decision_in_one_sentence(effects: list[dict[str, Any]], said: str) -> None:
    assert sentence(effects, "pending") == f"Approving this will {said}."


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("approved", "What was approved: to send one letter to food@maple.example. In all 12.50."),
        ("rejected", "This was to send one letter to food@maple.example; nothing of it was done. In all 12.50."),
    ],
)
def test_after_the_decision_nothing_is_said_to_lie_ahead(status: str, said: str) -> None:
    assert sentence([LETTER], status, "12.50") == said


def test_an_id_is_shown_by_its_name_and_stays_the_same_text() -> None:
    data = {"customer_id": "7", "item_codes": ["A", "B"], "record": {"terms": {"id": "9"}}, "other": "7"}

    found = named(data, {("customer", "7"): "Lee", ("item", "A"): "Apples", ("terms@", "9"): "Net 30"})

    assert references(data) == {("customer", "7"), ("item", "A"), ("item", "B"), ("terms@", "9")}
    assert found == data
    assert (show(found["customer_id"]).text, show(found["customer_id"]).reference) == ("Lee", "7")
    assert show(found["item_codes"]).text == "Apples, B"
    assert show(found["other"]).look == "plain"


def test_a_row_that_the_plan_adds_is_named_by_what_it_says() -> None:
    effect = {"kind": "row.insert", "table": "customers", "id": "cs-cus-1", "values": {"companyname": "Lee"}}

    assert born({"plan": [{"effects": [effect]}]}) == {("customer", "cs-cus-1"): "Lee"}


def test_prices_are_added_up_with_their_quantities_and_not_without() -> None:
    lines = [{"case_price": "1000.50", "quantity": 2}, {"case_price": "1.00", "quantity": 1}]

    assert grid(lines).total == "$2,002.00"
    assert grid([{"case_price": "1.00"}, {"case_price": "2.00"}]).total == ""
    assert grid([{"amount": "1.00"}, {"amount": None}]).total == ""


def test_what_is_the_same_in_every_row_is_said_once() -> None:
    rows = [{"quote_id": "q", "item_code": code, "case_price": "1.00"} for code in "abc"]

    shown = grid(rows)

    assert [(field.label, field.value.text) for field in shown.common] == [("quote", "q")]
    assert shown.titles == ("item code", "case price")
    assert grid(rows[:2]).common == ()

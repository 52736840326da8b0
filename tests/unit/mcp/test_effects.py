"""Effects in lines of text."""

from typing import get_args

from workflows_app.mcp.effects import _KINDS, said
from workflows_app.presentation.effects import EffectView, present
from workflows_app.presentation.names import named


def insert(table: str, **values: object) -> dict[str, object]:
    return {"kind": "row.insert", "table": table, "id": "cs-x-1", "values": values}


def test_every_kind_of_effect_has_words() -> None:
    assert set(_KINDS) == set(get_args(EffectView))


def test_a_new_row_names_its_columns() -> None:
    [view] = present([insert("customers", companyname="Oak School", phone="555 0142")])

    assert said(view) == ["New customer: Oak School", "    company name: Oak School, phone: 555 0142"]


def test_a_change_says_before_and_after() -> None:
    change = {
        "kind": "row.update",
        "table": "customers",
        "id": "7",
        "set": {"entitystatus": "hold"},
        "was": {"entitystatus": "active"},
    }

    assert said(present([change])[0])[1] == "    status: active → hold"


def test_many_rows_are_counted_and_the_first_are_shown() -> None:
    rows = [insert("quote_lines", item_code=f"MILK-{number}", case_price="1.50", quantity="1") for number in range(30)]

    lines = said(present(rows)[0])

    assert lines[0] == "30 new rows: quote line"
    assert "    … and 18 more" in lines
    assert lines[-1].endswith("45.00")


def test_a_letter_is_told_with_subject_text_and_files() -> None:
    letter = {
        "kind": "email.send",
        "id": "1",
        "to": "kitchen@oak.example.org",
        "subject": "Your quote",
        "body": "Dear Oak",
        "attachments": [{"name": "quote.pdf", "key": "quotes/1.pdf", "sha256": "0" * 64}],
        "related_customer_id": None,
    }

    assert said(present([letter])[0]) == [
        "Letter to kitchen@oak.example.org",
        "    Subject: Your quote",
        "    Attached: quote.pdf",
        "    Text: Dear Oak",
    ]


def test_a_staged_proposal_says_that_it_is_decided_separately() -> None:
    staged = {
        "kind": "proposal.stage",
        "id": "1",
        "title": "Letter to Oak",
        "action_type": "customer_email",
        "summary": "One letter.",
        "customer_name": "Oak",
        "amount": None,
        "recheck": [],
        "payload": {},
        "on_approve": [insert("customers", companyname="Oak")],
    }

    lines = said(present([staged])[0])

    assert lines[1] == "    A proposal of its own (Letter), decided separately. One letter."
    assert "    New customer: Oak" in lines


def test_a_row_is_told_by_its_name_and_its_id() -> None:
    [view] = present(named([insert("quotes", customer_id="7", total="4.00")], {("customer", "7"): "Oak School"}))

    assert said(view)[1].startswith("    customer: Oak School (7), total: ")


def test_what_is_nested_is_told_by_its_parts() -> None:
    push = {
        "kind": "netsuite.push",
        "record_type": "estimate",
        "external_id": "cs-1",
        "queue": "NS",
        "on_failure": "alert",
        "expected_modified": None,
        "record": {"entity": {"id": {"placeholder": "ns_id", "of": "7"}}},
    }

    assert said(present([push])[0])[1] == "    entity: id: NetSuite’s own number for 7"


def test_an_effect_of_an_unknown_kind_is_shown_whole() -> None:
    assert said(present([{"kind": "tea.make", "cup": "blue"}])[0]) == ["tea.make", "    kind: tea.make, cup: blue"]

"""From effect data to words: every kind, every placeholder, nothing left out."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.canonical import canonical
from workflows_app.effects.data import NOW, artifact_sha256, ns_id
from workflows_app.presentation import words
from workflows_app.presentation.card import read_card
from workflows_app.presentation.difference import read_difference
from workflows_app.presentation.effects import StagedView, UnknownView, present
from workflows_app.presentation.letters import LetterView
from workflows_app.presentation.records import RecordView
from workflows_app.presentation.rows import NewRows, RowChange
from workflows_app.presentation.values import show

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def row(kind: str, **changes: Any) -> dict[str, Any]:
    return {"kind": kind, "table": "customers", "id": "7", **changes}


def insert(number: str, **values: Any) -> dict[str, Any]:
    return {"kind": "row.insert", "table": "quote_lines", "id": number, "values": values}


@pytest.mark.parametrize(
    ("value", "text", "look"),
    [
        (None, "—", "empty"),
        ("", "—", "empty"),
        (True, "yes", "plain"),
        (False, "no", "plain"),
        (0, "0", "plain"),
        ("12.50", "12.50", "plain"),
        (["a", "b"], "a, b", "plain"),
        ("2026-09-01T06:00:00Z", "1 Sep 2026 06:00 UTC", "plain"),
        (NOW, "the moment this is applied", "open"),
        (artifact_sha256("render_pdf"), "the content hash of what “render_pdf” produces", "open"),
        (ns_id("cs-cus-1"), "NetSuite’s own number for cs-cus-1", "open"),
    ],
)
def test_a_value_reads_as_a_person_would_say_it(value: Any, text: str, look: str) -> None:
    assert (show(value).text, show(value).look) == (text, look)


@given(JSON)
def test_any_value_can_be_shown(value: Any) -> None:
    assert show(value).text


def test_an_update_shows_each_column_before_and_after() -> None:
    (view,) = present([row("row.update", set={"entitystatus": "hold"}, was={"entitystatus": "active"})])

    assert isinstance(view, RowChange)
    assert [(str(c.label), str(c.before), str(c.after)) for c in view.columns] == [("status", "active", "hold")]
    assert not view.is_new


def test_an_upsert_of_a_row_that_was_not_there_is_a_new_row_with_its_unique_columns() -> None:
    (view,) = present([row("row.upsert", match={"companyname": "Lee"}, set={"phone": "1"}, was=None)])

    assert isinstance(view, RowChange)
    assert view.title == "New customer: Lee"
    assert [column.label for column in view.columns] == ["company name", "phone"]


def test_an_upsert_of_a_row_that_was_there_is_a_change() -> None:
    (view,) = present([row("row.upsert", match={"companyname": "Lee"}, set={"phone": "1"}, was={"phone": "2"})])

    assert isinstance(view, RowChange)
    assert view.title == "Change customer: Lee"
    assert str(view.columns[0].before) == "2"


def test_neighbouring_inserts_of_one_table_become_one_table() -> None:
    shown = present([insert("1", line=1), insert("2", line=2, note="x"), row("row.insert", values={})])

    assert [type(view) for view in shown] == [NewRows, RowChange]
    assert isinstance(shown[0], NewRows)
    assert shown[0].grid.titles == ("line", "note")
    assert [[str(cell) for cell in cells] for cells in shown[0].grid.rows] == [["1", "—"], ["2", "x"]]


def test_a_netsuite_record_has_its_sublists_as_tables() -> None:
    effect = {
        "kind": "netsuite.push",
        "id": "p",
        "external_id": "cs-est-1",
        "record_type": "estimate",
        "queue": "NS_PUSH_QUEUE",
        "on_failure": "retry_3_then_alert",
        "record": {"entity": {"id": "7"}, "item": {"items": [{"rate": "1.00"}]}, "terms": ns_id("x")},
    }

    (view,) = present([effect])

    assert isinstance(view, RecordView)
    assert (view.fields[0].label, view.fields[0].value.text) == ("entity", "7")
    assert view.fields[1].value.look == "open"
    assert view.lines[0].grid.titles == ("rate",)


def test_a_staged_proposal_shows_its_own_effects() -> None:
    letter = {"kind": "email.send", "to": "a@b.example", "subject": "S", "body": "B", "attachments": []}
    staged = {
        "kind": "proposal.stage",
        "action_type": "customer_email",
        "title": "T",
        "summary": "",
        "customer_name": "",
        "amount": None,
        "payload": {},
        "recheck": [],
        "on_approve": [letter],
    }

    (view,) = present([staged])

    assert isinstance(view, StagedView)
    assert isinstance(view.effects[0], LetterView)


def test_an_unknown_kind_is_shown_whole_and_never_left_out() -> None:
    (view,) = present([{"kind": "moon.landing", "crew": 3}])

    assert isinstance(view, UnknownView)
    assert ("crew", "3") in [(field.label, field.value.text) for field in view.fields]


def test_a_card_counts_its_warnings_and_names_what_is_skipped() -> None:
    text = canonical(
        {
            "contract": {"workflow_type": "x", "version": 1},
            "inputs": {"limit": {"$decimal": "5.00"}},
            "checks": [
                {"check": "a_b", "severity": "warn", "passed": False, "rule": "r", "detail": "d"},
                {"check": "c", "severity": "block", "passed": True, "rule": "r", "detail": ""},
            ],
            "plan": [{"step": "s", "item": "7", "kind": "flag", "skipped": "not due", "effects": []}],
        }
    )

    card = read_card(text)

    assert [check.name for check in card.warnings] == ["A b"]
    assert card.inputs[0].value.text == "$5.00"
    assert (card.steps[0].skipped, card.is_envelope) == ("not due", True)


def test_a_check_passes_only_when_its_result_is_true() -> None:
    text = canonical({"checks": [{"check": "a", "severity": "block", "passed": "yes"}], "plan": []})

    assert len(read_card(text).warnings) == 1


def test_a_difference_and_an_edit_read_alike() -> None:
    change, edit = read_difference(
        [{"where": "w", "was": None, "now": "1"}, {"item": "line:ITM-1", "field": "case_price", "value": "9.00"}]
    )

    assert (change.before.look, change.after.text) == ("empty", "1")
    assert (edit.where, edit.after.text) == ("line:ITM-1 · case price", "$9.00")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("companyname", "company name"),
        ("customer_id", "customer"),
        ("billAddressList", "bill address list"),
        ("x", "x"),
    ],
)
def test_a_column_has_a_name_in_words(name: str, said: str) -> None:
    assert words.column(name) == said


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (Decimal("1234.5"), "$1,234.50"),
        ("-5", "-$5.00"),
        ("0", "$0.00"),
        (None, ""),
        ("about ten", "about ten"),
        ("NaN", "NaN"),
    ],
)
def test_an_amount_of_money_has_its_sign_everywhere(amount: Decimal | str | None, said: str) -> None:
    assert words.money(amount) == said


def test_a_correction_says_what_failed_and_hides_the_ids_it_asked_by() -> None:
    payload = {"check": "ns_quote_reflects", "found": "0 rows", "expect": "rows >= 1", "params": ["x"], "run_id": "y"}

    card = read_card(canonical({"action_type": "verify_correction", "payload": payload, "on_approve": []}))

    assert card.about is not None
    assert [field.label for field in card.about.fields] == ["check", "found", "expect"]
    assert card.about.fields[0].value.text == "NetSuite quote reflects"

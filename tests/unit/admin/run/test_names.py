"""What people call principals, steps and items."""

import pytest

from workflows_app.admin.run.names import item_names, place, said
from workflows_app.effects.data import Plan, RowInsert
from workflows_app.presentation import words
from workflows_app.presentation.people import people, who


@pytest.mark.parametrize(
    ("principal", "name"),
    [
        ("person:mike", "mike"),
        ("machine:schedule", "the schedule"),
        ("machine:crm", "crm"),
        ("", ""),
        ("strange", "strange"),
    ],
)
def test_a_principal_has_the_name_that_people_use(principal: str, name: str) -> None:
    assert who(principal) == name


def test_a_reason_names_people_and_shortens_our_own_ids() -> None:
    text = "cancelled by person:ann: see cs-est-0900a938-24d3-4dc8-ac51-0b56cb14d9a5"

    assert said(text) == "Cancelled by ann: see cs-est-0900…"


@pytest.mark.parametrize("text", ["quotes/7.pdf is present", "no_duplicate failed", "/api/x answered"])
def test_the_name_of_something_gets_no_capital(text: str) -> None:
    assert said(text) == text


def test_several_lines_stay_lines_where_only_people_are_named() -> None:
    assert people("person:mike decided.\nmachine:events asked.") == "mike decided.\nan event asked."


@pytest.mark.parametrize(
    ("step", "title"),
    [
        ("ns_push", "NetSuite push"),
        ("render_pdf", "Render PDF"),
        ("ar_forecast_touch", "AR forecast touch"),
        ("answers", "Answers"),
    ],
)
def test_a_step_has_a_title(step: str, title: str) -> None:
    assert words.step(step) == title


def test_an_item_is_called_by_what_its_effects_are_about() -> None:
    plan: Plan = [
        {"step": "write", "item": "7", "kind": "d1_write", "skipped": "", "effects": [_insert(companyname="Oak")]},
        {"step": "write", "item": "8", "kind": "d1_write", "skipped": "no", "effects": []},
        {"step": "write", "item": "", "kind": "d1_write", "skipped": "", "effects": [_insert(companyname="Elm")]},
    ]

    names = item_names(plan)

    assert names == {("write", "7"): "Oak"}
    assert place("write", "7", names) == "Write · Oak"
    assert place("write", "8", names) == "Write · 8"
    assert place("write", "", names) == "Write"


def _insert(**values: str) -> RowInsert:
    return {"kind": "row.insert", "table": "customers", "id": "x", "values": dict(values)}

"""Edits of letters: what could not be sent is refused when it is saved, with a sentence, and nothing else changes."""

from typing import Any

import pytest

from approvals import hooks
from approvals.canonical import parse
from approvals.models import ProposedAction
from tests.company import customer, item, quote_request
from tests.locks import held_elsewhere
from tests.world import World
from workflows_app.models.lock import hold_still
from workflows_app.runner.plan import edit_effects
from workflows_app.steps.base import PlanningError

BAD: list[tuple[str, Any, str]] = [
    ("subject", None, "text"),
    ("subject", 5, "text"),
    ("subject", ["a"], "text"),
    ("subject", "", "empty"),
    ("subject", "   ", "empty"),
    ("subject", "a\r\nBcc: x@y.z", "line break"),
    ("subject", "x" * 501, "too long"),
    ("body", None, "text"),
    ("body", 7, "text"),
    ("body", "", "body"),
    ("body", " \n ", "body"),
]


@pytest.fixture
def letter(world: World) -> ProposedAction:
    """A quote's letter that waits for a decision."""
    item("MILK")
    run = world.through_the_gate("customer_quote", quote_request(customer("Oak School"), "MILK"))
    return world.leaf(run, "send_email")


@pytest.mark.parametrize(("field", "value", "why"), BAD)
def test_a_letter_that_could_not_be_sent_is_refused(
    world: World, letter: ProposedAction, field: str, value: Any, why: str
) -> None:
    (effect,) = parse(letter.effects)["on_approve"]

    result = world.edit(letter, effect["id"], field, value)

    assert (result.outcome, why in result.message) == ("refused", True), result.message
    letter.refresh_from_db()
    assert letter.status == "pending"


@pytest.mark.parametrize(("field", "value", "why"), BAD)
def test_a_letter_inside_a_card_is_refused_in_the_same_words(world: World, field: str, value: Any, why: str) -> None:
    gate = world.gate(world.start("new_customer", FORM))
    (effect,) = [effect for each in parse(gate.effects)["plan"] for effect in letters_in(each["effects"])]

    result = world.edit(gate, effect["id"], field, value)

    assert (result.outcome, why in result.message) == ("refused", True), result.message
    gate.refresh_from_db()
    assert gate.status == "pending"


def test_a_tick_is_true_or_false() -> None:
    effect = {"kind": "row.update", "id": "a", "tick": True, "editable": ["tick"]}

    with pytest.raises(PlanningError, match="true or false"):
        edit_effects([effect], [{"item": "a", "field": "tick", "value": "no"}])


def test_an_envelope_is_planned_with_its_edits_under_the_shared_lock(shared_database: None, world: World) -> None:
    gate = world.gate(world.start("new_customer", FORM))
    (effect,) = [effect for each in parse(gate.effects)["plan"] for effect in letters_in(each["effects"])]

    with held_elsewhere(hold_still):
        busy = world.edit(gate, effect["id"], "body", "Hello")
    done = world.edit(gate, effect["id"], "body", "Hello")

    assert (busy.outcome, busy.message) == ("refused", hooks.BUSY)
    assert done.outcome == "superseded"


def letters_in(effects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    nested = [letter for effect in effects for letter in letters_in(effect.get("on_approve", []))]
    return [effect for effect in effects if effect["kind"] == "email.send"] + nested


FORM = {"company_name": "Lakeside", "contact_email": "office@lakeside.example.org", "billing_address": "1 Lake Rd"}

"""Leaf proposals whose effects the database refuses: closed with the reason, and nobody else is held up."""

from datetime import datetime

import pytest
from django.db import OperationalError

from approvals.canonical import parse
from approvals.models import Decision, ProposedAction
from approvals.principals import Principal
from tests import factories
from tests.company import customer, invoice
from tests.world import World, ago, release_text
from workflows_app.models import Alert, Customer, OutboundEmail
from workflows_app.runner import leaf
from workflows_app.runner.hold import set_hold

AGING = "ar_aging_action_plan"
BY = Principal.machine("test")


@pytest.fixture
def letters(world: World) -> list[ProposedAction]:
    """The pending collection letters to two customers, in the order in which they are applied."""
    factories.SyncLogFactory(started_at=ago(hours=1), completed_at=ago(hours=1))
    for name in ("Oak School", "Elm School"):
        invoice(customer(name), "100.00", overdue=40)
    run = world.through_the_gate(AGING)
    return list(ProposedAction.objects.filter(run_id=run.pk, step="draft_per_tier").order_by("pk"))


def occupy(letter: ProposedAction) -> None:
    """Something else has the id under which the letter would be queued, so that the database refuses it."""
    (effect,) = parse(letter.effects)["on_approve"]
    OutboundEmail.objects.create(
        id=effect["id"], to="x@example.org", proposed_action=letter, message_id="<x>", status="failed",
        created_at=letter.proposed_at,
    )  # fmt: skip


def queued() -> set[str]:
    return set(OutboundEmail.objects.filter(status="queued").values_list("to", flat=True))


def test_a_leaf_that_the_database_refuses_is_closed_with_the_reason(
    world: World, letters: list[ProposedAction]
) -> None:
    occupy(letters[0])

    result = world.decide(letters[0])

    assert result.outcome == "closed"
    assert "IntegrityError" in result.message
    assert queued() == set()
    assert not Decision.objects.filter(proposal=letters[0]).exists()


def test_a_leaf_that_meets_a_busy_database_is_not_decided(
    world: World, letters: list[ProposedAction], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(leaf, "apply_effects", _deadlock)
        result = world.decide(letters[0])

    assert (result.outcome, "try again" in result.message) == ("refused", True)
    assert not Decision.objects.filter(proposal=letters[0]).exists()
    assert world.decide(letters[0]).outcome == "approved"


def test_a_leaf_that_fails_after_a_hold_is_closed_and_the_one_behind_it_is_applied(
    world: World, letters: list[ProposedAction]
) -> None:
    set_hold(True, BY)
    for letter in letters:
        assert world.decide(letter).outcome == "approved"
    occupy(letters[0])

    set_hold(False, BY)
    world.work()

    states = [ProposedAction.objects.get(pk=letter.pk).status for letter in letters]
    assert states == ["closed", "approved"]
    assert queued() == {Customer.objects.get(pk=letters[1].entity_ref).email}
    assert "IntegrityError" in Alert.objects.get(kind="not_applied").message


def test_what_was_approved_during_a_hold_is_applied_in_the_order_of_the_approvals(
    world: World, letters: list[ProposedAction], monkeypatch: pytest.MonkeyPatch
) -> None:
    applied: list[str] = []
    apply_leaf = leaf.apply_leaf

    def noted(proposal: ProposedAction, now: datetime) -> None:
        applied.append(proposal.pk)
        apply_leaf(proposal, now)

    monkeypatch.setattr(leaf, "apply_leaf", noted)
    set_hold(True, BY)
    approved = sorted(letters, key=lambda letter: letter.pk, reverse=True)
    for letter in approved:
        world.decide(letter)
    set_hold(False, BY)

    world.work()

    assert applied == [letter.pk for letter in approved]


def test_a_leaf_that_meets_a_busy_database_after_a_hold_waits_for_the_next_pass(
    world: World, letters: list[ProposedAction], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_hold(True, BY)
    world.decide(letters[0])
    set_hold(False, BY)
    with monkeypatch.context() as patch:
        patch.setattr(leaf, "apply_effects", _deadlock)
        world.work()
    assert not Alert.objects.filter(kind="not_applied").exists()

    world.work()

    assert len(queued()) == 1


def _deadlock(*args: object) -> None:
    raise OperationalError("deadlock detected")


REVIEW = """
workflow_type: review
contract_version: 1
title: Review
category: Test
risk_level: 3
description: Proposes proposals.
trigger: {kind: manual}
context:
  - name: held
    tables: [customers]
    sql: SELECT id, companyname, email FROM customers WHERE entitystatus = 'hold'
    shape: all
fan_out:
  - name: review
    kind: stage_proposed_action
    action_type: hold_review
    entity_type: customer
    entity_ref: all
    on_approve:
      - stage: {action_type: hold_letter, entity_type: customer, entity_ref: all, title: To all}
        id: all
      - for_each: held
        as: held_customer
        key: id
        stage:
          action_type: hold_letter
          entity_type: customer
          entity_ref: "${{ held_customer.id }}"
          title: "Letter to ${{ held_customer.companyname }}"
          on_approve:
            - stage: {action_type: hold_letter, entity_type: customer, entity_ref: "${{ held_customer.id }}", title: PS}
"""


def test_approving_stages_each_proposal_of_a_loop_in_a_place_of_its_own(world: World) -> None:
    names = ["Elm School", "Oak School"]
    for name in names:
        customer(name, entitystatus="hold")
    release_text(REVIEW)
    run = world.through_the_gate("review")

    assert world.decide(world.leaf(run, "review")).outcome == "approved"
    letters = ProposedAction.objects.filter(run_id=run.pk, action_type="hold_letter")
    assert sorted(letters.values_list("title", flat=True)) == ["Letter to Elm School", "Letter to Oak School", "To all"]
    for letter in letters.filter(title__startswith="Letter"):
        assert world.decide(letter).outcome == "approved"

    assert letters.filter(title="PS").count() == len(names)
    assert letters.values("step", "item").distinct().count() == letters.count()

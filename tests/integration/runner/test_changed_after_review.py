"""Whatever was rendered for review and altered afterwards is refused: cards, plans, contracts, letters, files."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail

from approvals.canonical import canonical, digest, parse
from approvals.models import Decision, ProposedAction
from tests.company import customer, item, quote_request
from tests.world import World, changed, snapshot, status
from workflows_app.delivery import artifacts
from workflows_app.models import (
    Alert,
    Customer,
    OutboundEmail,
    PendingPush,
    Quote,
    SpecItem,
    WorkflowContract,
    WorkflowRun,
)
from workflows_app.runner import release

THIEF = "thief@example.org"


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer, and an item at 20.00."""
    item("MILK", "20.00")
    return customer("Oak School")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every plain value inside."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if children is None:
        yield path
        return
    for key, child in children:
        yield from leaves(child, (*path, key))


def altered(value: Any, path: tuple[Any, ...]) -> Any:
    """The same with another value at the path."""
    head, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[head] = altered(value[head], tuple(rest)) if rest else _other(value[head])
    return copy


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value or ''}x"


# --- cards ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["", "send_email"])
def test_no_field_of_a_card_can_be_altered(world: World, oak: Customer, step: str) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    if step:
        world.approve(world.gate(run))
    card = world.leaf(run, step)
    text, before = parse(card.effects), snapshot()
    paths = list(leaves(text))

    for path in paths:
        ProposedAction.objects.filter(pk=card.pk).update(effects=canonical(altered(text, path)))
        assert world.decide(card).outcome == "refused", path
    world.work()

    assert len(paths) > 20
    assert changed(before) == {}
    assert not Decision.objects.filter(proposal=card).exists()


@pytest.mark.parametrize("step", ["", "send_email"])
@pytest.mark.parametrize(
    "alteration",
    [
        {"title": "A small thing"},
        {"summary": "Nothing much."},
        {"customer_name": "Elm School"},
        {"amount": Decimal("1.00")},
        {"payload": '{"customer_id":"other"}'},
        {"action_type": "quote_draft"},
        {"entity_type": "customer"},
        {"entity_ref": "other"},
        {"risk_level": 1},
    ],
    ids=lambda alteration: next(iter(alteration)),
)
def test_a_card_that_says_something_else_than_its_text_cannot_be_approved(
    world: World, oak: Customer, step: str, alteration: dict[str, Any]
) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    if step:
        world.approve(world.gate(run))
    card = world.leaf(run, step)
    ProposedAction.objects.filter(pk=card.pk).update(**alteration)
    before = snapshot()

    result = world.decide(card)

    assert result.outcome == "refused"
    assert changed(before) == {}
    assert not Decision.objects.filter(proposal=card).exists()


def test_a_card_whose_digest_was_altered_with_it_is_not_the_one_that_was_seen(world: World, oak: Customer) -> None:
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK"))
    seen = world.leaf(run, "send_email")
    text = parse(seen.effects)
    text["on_approve"][0]["to"] = THIEF
    forged = canonical(text)
    ProposedAction.objects.filter(pk=seen.pk).update(effects=forged, digest=digest(forged))

    result = world.decide(seen)

    assert result.outcome == "refused"
    assert "out of date" in result.message
    assert not OutboundEmail.objects.exists()


# --- between the decision and applying --------------------------------------------------------------------------------


def approved(world: World, oak: Customer) -> WorkflowRun:
    """A quote that mike approved and no worker has touched."""
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    assert world.decide(world.gate(run)).outcome == "approved"
    run.refresh_from_db()
    return run


def assert_refused(run: WorkflowRun, before: Any) -> None:
    assert status(run) == "failed"
    assert Alert.objects.get(kind="not_approved").run_id == run.pk
    assert changed(before) == {}


def test_a_plan_that_was_altered_after_the_decision_is_not_applied(world: World, oak: Customer) -> None:
    run = approved(world, oak)
    WorkflowRun.objects.filter(pk=run.pk).update(plan=run.plan.replace('"20.00"', '"2.00"'))
    before = snapshot()

    world.work()

    assert_refused(run, before)


def test_a_plan_and_its_data_altered_alike_are_not_applied(world: World, oak: Customer) -> None:
    run = approved(world, oak)
    SpecItem.objects.update(list_price=Decimal("12.00"))
    cheap = run.plan.replace('"20.00"', '"12.00"').replace('"50.00"', '"16.67"')
    WorkflowRun.objects.filter(pk=run.pk).update(plan=cheap)
    before = snapshot()

    world.work()

    assert_refused(run, before)


def test_a_run_that_nobody_approved_is_not_applied(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    WorkflowRun.objects.filter(pk=run.pk).update(status="running", phase="fan_out")
    before = snapshot()

    world.work()

    assert_refused(run, before)


def test_an_approval_without_a_decision_does_not_count(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    ProposedAction.objects.update(status="approved", outcome="approved")
    WorkflowRun.objects.filter(pk=run.pk).update(status="running", phase="fan_out")
    before = snapshot()

    world.work()

    assert_refused(run, before)


def test_the_approval_of_another_run_does_not_count(world: World, oak: Customer) -> None:
    mine, other = approved(world, oak), world.start("customer_quote", quote_request(oak, "MILK"))
    WorkflowRun.objects.filter(pk=other.pk).update(
        status="running", phase="fan_out", proposal_id=mine.proposal_id, digest=mine.digest, plan=mine.plan
    )
    WorkflowRun.objects.filter(pk=mine.pk).update(status="held")
    before = snapshot()

    world.work()

    assert_refused(other, before)


def test_inputs_altered_after_the_decision_are_not_applied(world: World, oak: Customer) -> None:
    run = approved(world, oak)
    other = customer("Elm School")
    text = WorkflowRun.objects.get(pk=run.pk).inputs.replace(oak.pk, other.pk)
    WorkflowRun.objects.filter(pk=run.pk).update(inputs=text)
    before = snapshot()

    world.work()

    assert status(run) == "awaiting_approval"
    assert changed(before) == {}


def test_a_contract_whose_text_was_altered_is_not_used(world: World, oak: Customer, monkeypatch: Any) -> None:
    run = approved(world, oak)
    row = WorkflowContract.objects.get(pk=run.contract_id)
    WorkflowContract.objects.filter(pk=row.pk).update(source=row.source.replace("customer.email", "'thief@x.org'"))
    monkeypatch.setattr(release, "_compiled", {})  # a process that has just started
    before = snapshot()

    world.work()

    assert changed(before) == {}
    assert status(run) == "running"
    assert "is not the one that was released" in Alert.objects.get(kind="contract").message


# --- the outbox of letters --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "alteration",
    [
        {"to": THIEF},
        {"to": f"office@example.org, {THIEF}"},
        {"subject": "Another subject"},
        {"body": "Please pay to another account."},
        {"attachments": '[{"key":"quotes/x.pdf","name":"x.pdf","sha256":"00"}]'},
        {"action_type": "collection_action"},
        {"related_quote_id": "other"},
        {"related_quote_revision": 7},
        {"related_customer_id": "other"},
        {"digest": "0" * 64},
    ],
    ids=lambda alteration: next(iter(alteration)),
)
def test_a_letter_that_was_altered_in_the_outbox_does_not_leave(
    world: World, oak: Customer, alteration: dict[str, str]
) -> None:
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK"))
    world.approve(world.leaf(run, "send_email"))
    OutboundEmail.objects.update(**alteration)

    world.deliver()

    assert mail.outbox == []
    assert OutboundEmail.objects.get().status == "failed"


def test_a_letter_cannot_hide_behind_another_approved_proposal(world: World, oak: Customer) -> None:
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK"))
    gate = world.gate(run)
    world.approve(world.leaf(run, "send_email"))
    OutboundEmail.objects.update(proposed_action=gate, digest=gate.digest)

    world.deliver()

    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_a_file_that_was_exchanged_after_the_draft_does_not_leave(world: World, oak: Customer) -> None:
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK", include_pdf=True))
    letter = world.leaf(run, "send_email")
    [attached] = parse(letter.effects)["on_approve"][0]["attachments"]
    fixed = artifacts.fix(attached["key"])
    _overwrite(fixed, b"%PDF- another price")
    world.approve(letter)

    world.deliver()

    assert mail.outbox == []
    assert OutboundEmail.objects.get().status in {"failed", "queued"}


@pytest.mark.django_db(transaction=True)
def test_rendering_the_quote_again_does_not_change_the_file_of_the_draft(world: World, oak: Customer) -> None:
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK", include_pdf=True))
    key = f"quotes/{Quote.objects.get().pk}.pdf"
    approved_content = artifacts.read(key)
    artifacts.store(key, b"%PDF- another price")

    world.approve(world.leaf(run, "send_email"))
    world.deliver()

    [message] = mail.outbox
    assert [bytes(file[1]) for file in message.attachments] == [approved_content]


def _overwrite(key: str, content: bytes) -> None:
    path = artifacts.default_storage.path(key)
    with open(path, "wb") as file:
        file.write(content)


# --- the outbox of pushes ---------------------------------------------------------------------------------------------


def test_a_push_holds_what_its_altered_payload_can_be_told_by(world: World, oak: Customer) -> None:
    """The pusher refuses a payload that is not among the effects of its approved proposal."""
    world.through_the_gate("customer_quote", quote_request(oak, "MILK"))

    push = PendingPush.objects.get()
    plan = parse(push.proposal.effects)["plan"]
    records = [effect["record"] for step in plan for effect in step["effects"] if effect["id"] == push.pk]
    assert [canonical(record) for record in records] == [push.payload]
    assert push.digest == push.proposal.digest == digest(push.proposal.effects)

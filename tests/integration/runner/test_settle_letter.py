"""A letter of which nobody knows whether it arrived: a person says so, or sends it again, each as a decision."""

import threading
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import IntegrityError, connections, transaction

from approvals.chain.verification import verify
from approvals.models import Decision, ProposedAction
from approvals.principals import Principal
from tests import factories
from tests.company import customer, invoice, pay
from tests.integration.runner.interventions import person
from tests.world import World, ago, snapshot
from workflows_app.models import Alert, OutboundEmail, Transaction, VerifyResult, WorkflowRun
from workflows_app.runner.hold import set_hold
from workflows_app.runner.intervene import Answer
from workflows_app.runner.settle_letter import settle_letter


@pytest.fixture
def debt(world: World) -> Transaction:
    """An invoice that is due."""
    factories.SyncLogFactory(started_at=ago(hours=1), completed_at=ago(hours=1))
    return invoice(customer("Oak School"), "100.00", overdue=40)


@pytest.fixture
def letter(world: World, debt: Transaction) -> OutboundEmail:
    """The letter about it, handed to a server that then said nothing."""
    return lost(world)


def lost(world: World, status: str = "uncertain") -> OutboundEmail:
    """An approved collection letter that has come to `status`, and the alert about it."""
    run = world.through_the_gate("ar_aging_action_plan")
    world.decide(world.leaf(run, "draft_per_tier"))
    found = OutboundEmail.objects.get()
    OutboundEmail.objects.filter(pk=found.pk).update(status=status, error="It is not known whether it arrived.")
    ProposedAction.objects.filter(pk=found.proposed_action_id).update(outcome="uncertain")
    Alert.objects.raise_alert(f"email:{found.pk}", kind=f"email_{status}", message="Lost.", now=ago(hours=1))
    found.refresh_from_db()
    return found


def settle(letter: OutboundEmail, what: Any, by: User) -> Answer:
    return settle_letter(letter.pk, what, user=by, channel="test", reason="I called them.")


def copy_of(letter: OutboundEmail) -> OutboundEmail:
    return OutboundEmail.objects.get(replaces=letter.pk)


def stands(letter: OutboundEmail) -> tuple[str, str]:
    """The status of a letter, and how far its proposal has come."""
    letter.refresh_from_db()
    return letter.status, ProposedAction.objects.get(pk=letter.proposed_action_id).outcome


def test_a_letter_that_arrived_counts_as_sent(world: World, letter: OutboundEmail) -> None:
    answer = settle(letter, "arrived", world.mike)
    world.deliver()

    assert answer.done, answer.message
    assert stands(letter) == ("sent", "sent")
    assert mail.outbox == []
    assert not Alert.objects.open().exists()
    assert Decision.objects.get(proposal=answer.proposal_id).reason == "I called them."
    assert verify() == []


def test_sending_again_is_a_decision_with_a_letter_of_its_own(world: World, letter: OutboundEmail) -> None:
    answer = settle(letter, "again", world.mike)
    world.deliver()

    second, (message,) = copy_of(letter), mail.outbox
    assert answer.done, answer.message
    assert second.proposed_action_id == answer.proposal_id
    assert second.message_id == f"<{second.pk}@countersign>" == message.extra_headers["Message-ID"] != letter.message_id
    assert (second.to, second.subject, second.body) == (letter.to, letter.subject, letter.body)
    assert (second.action_type, second.related_customer_id) == (letter.action_type, letter.related_customer_id)
    assert (stands(letter), stands(second)) == (("failed", "sent"), ("sent", "sent"))
    assert not Alert.objects.open().exists()
    assert Decision.objects.get(proposal=answer.proposal_id).verdict == "approve"
    assert verify() == []


@pytest.mark.parametrize("what", ["arrived", "again"])
def test_the_same_once_more_does_nothing(world: World, letter: OutboundEmail, what: str) -> None:
    assert settle(letter, what, world.mike).done
    before = snapshot()

    again = [settle(letter, other, world.mike) for other in ("arrived", "again")]
    world.deliver()
    world.deliver()

    assert [answer.done for answer in again] == [False, False]
    assert len(mail.outbox) == (what == "again")
    assert len(snapshot()["outbound_email_log"]) == len(before["outbound_email_log"])
    assert ProposedAction.objects.filter(step__startswith="letter:").count() == 1


def test_the_second_letter_can_be_sent_again_in_its_turn(world: World, letter: OutboundEmail) -> None:
    settle(letter, "again", world.mike)
    OutboundEmail.objects.filter(replaces=letter.pk).update(status="failed", error="550 no such mailbox")

    assert settle(copy_of(letter), "again", world.mike).done
    world.deliver()

    assert len(mail.outbox) == 1
    assert [stands(each)[1] for each in (letter, copy_of(letter), copy_of(copy_of(letter)))] == ["sent"] * 3


def test_a_letter_about_a_debt_that_was_paid_is_not_sent_again(
    world: World, letter: OutboundEmail, debt: Transaction
) -> None:
    pay(debt)

    answer = settle(letter, "again", world.mike)

    assert not answer.done
    assert "does not hold any more" in answer.message
    assert stands(letter)[0] == "uncertain"
    assert not ProposedAction.objects.filter(step__startswith="letter:").exists()


@pytest.mark.parametrize(
    ("status", "what"),
    [("queued", "again"), ("sending", "again"), ("sent", "again"), ("failed", "arrived"), ("sent", "arrived")],
)
def test_only_what_is_in_doubt_is_settled(world: World, debt: Transaction, status: str, what: str) -> None:
    letter = lost(world, status)

    assert not settle(letter, what, world.mike).done
    assert stands(letter)[0] == status


def test_a_letter_that_came_back_can_be_sent_again(world: World, debt: Transaction) -> None:
    letter = lost(world, "sent")
    OutboundEmail.objects.update(bounced_at=ago(minutes=5))

    assert settle(letter, "again", world.mike).done
    assert stands(letter)[0] == "sent"


@pytest.mark.parametrize(
    "changes", [{"digest": "0" * 64}, {"body": "Pay to another account."}, {"to": "eve@x.example"}]
)
def test_what_leaves_again_is_what_was_approved(world: World, letter: OutboundEmail, changes: dict[str, str]) -> None:
    OutboundEmail.objects.update(**changes)

    done = settle(letter, "again", world.mike).done
    world.deliver()

    assert done is ("digest" not in changes)
    assert [(message.to, message.body) for message in mail.outbox] == ([([letter.to], letter.body)] if done else [])


def test_neither_viewers_nor_machines_settle(world: World, letter: OutboundEmail) -> None:
    viewer = person("vera", "Viewers")

    assert not settle(letter, "again", viewer).done
    assert not settle(letter, "arrived", viewer).done
    assert stands(letter)[0] == "uncertain"


def test_on_hold_it_is_decided_once_and_leaves_when_the_hold_ends(world: World, letter: OutboundEmail) -> None:
    set_hold(True, Principal.machine("test"))

    assert settle(letter, "again", world.mike).done
    assert not settle(letter, "again", world.mike).done
    assert not OutboundEmail.objects.filter(replaces=letter.pk).exists()

    set_hold(False, Principal.machine("test"))
    world.work()
    world.deliver()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("what", ["arrived", "again"])
def test_a_check_that_failed_for_want_of_the_letter_is_looked_at_again(
    world: World, letter: OutboundEmail, what: str
) -> None:
    run = WorkflowRun.objects.get(pk=letter.proposed_action.run_id)
    failed = {
        "run": run,
        "kind": "sql",
        "spec": "{}",
        "window_seconds": 60,
        "created_at": ago(hours=2),
        "status": "fail",
    }
    about = VerifyResult.objects.create(name="letter_sent", after_step="draft_per_tier", **failed)
    other = VerifyResult.objects.create(name="something_else", **failed)

    settle(letter, what, world.mike)

    about.refresh_from_db()
    other.refresh_from_db()
    assert (about.status, about.due_at is not None, other.status) == ("pending", True, "fail")


def test_the_database_knows_one_second_copy_of_a_letter(letter: OutboundEmail) -> None:
    factories.OutboundEmailFactory(replaces=letter)

    with pytest.raises(IntegrityError), transaction.atomic():
        factories.OutboundEmailFactory(replaces=letter)


@pytest.mark.usefixtures("shared_database")
def test_of_two_clicks_at_once_one_sends(world: World, debt: Transaction) -> None:
    letter = lost(world)
    start = threading.Barrier(2)
    answers: list[Answer] = []

    def click() -> None:
        try:
            start.wait()
            answers.append(settle(letter, "again", world.mike))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.done for answer in answers) == [False, True], answers
    assert OutboundEmail.objects.filter(replaces=letter.pk).count() == 1

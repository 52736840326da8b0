"""Customer invoice dispute: what the answer may cite, the escalation with its note, the AR hold, the unknown sender."""

from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from approvals.canonical import parse
from approvals.models import ProposedAction
from tests import factories
from tests.company import customer, invoice
from tests.world import World, ago, changed, failed_checks, skipped, snapshot, steps
from workflows_app.models import (
    ArDispute,
    Customer,
    CustomerProgram,
    OutboundEmail,
    ReflexionLog,
    Transaction,
    VerifyResult,
    WorkflowRun,
)
from workflows_app.runner.verify import run_due
from workflows_app.triggers import events

DISPUTE = "customer_invoice_dispute"
REASON = "We got 4 cases, not 40 (10%)"


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer with a sales rep."""
    return customer("Oak School")


def report(who: Customer | None, **changes: Any) -> dict[str, Any]:
    """What the triage found in an email."""
    return {"email_uuid": "mail-1", "customer_id": who and who.pk, "reason_text": REASON, **changes}


def letter(proposal: ProposedAction) -> dict[str, Any]:
    """The letter of a draft."""
    found: dict[str, Any] = parse(proposal.effects)["on_approve"][0]
    return found


def test_the_triage_starts_a_run_that_waits(world: World, oak: Customer) -> None:
    events.emit("inbound_email_triage_classification", "mail-1", report(oak))
    world.work()

    run = WorkflowRun.objects.get()
    assert (run.trigger_kind, run.status) == ("event", "awaiting_approval")
    assert world.gate(run).title == "Dispute by Oak School"


def test_the_answer_cites_the_customers_own_invoice(world: World, oak: Customer) -> None:
    disputed = invoice(oak, "1234.50", overdue=5)

    run = world.through_the_gate(DISPUTE, report(oak, invoice_ref=disputed.tranid))

    answer = letter(world.leaf(run, "draft_response"))
    assert answer["to"] == oak.email
    assert disputed.tranid in answer["body"]
    assert "1,234.50" in answer["body"]


def test_the_answer_is_threaded_to_the_customers_message(world: World, oak: Customer) -> None:
    factories.InboundEmailFactory(
        uuid="mail-1", message_id="<q3@oak.example>", refs="<q1@oak.example> bad <q2@oak.example>"
    )
    run = world.through_the_gate(DISPUTE, report(oak))

    world.approve(world.leaf(run, "draft_response"))
    world.deliver()

    row, (message,) = OutboundEmail.objects.get(), mail.outbox
    assert (row.status, row.in_reply_to) == ("sent", "<q3@oak.example>")
    assert message.extra_headers["In-Reply-To"] == "<q3@oak.example>"
    assert message.extra_headers["References"] == "<q1@oak.example> <q2@oak.example> <q3@oak.example>"


@pytest.mark.parametrize("message_id", ["<a@b>\r\nBcc: eve@example.com", "no brackets", "<two@x> <ids@x>", ""])
def test_a_message_id_that_no_header_can_carry_threads_nothing(world: World, oak: Customer, message_id: str) -> None:
    factories.InboundEmailFactory(uuid="mail-1", message_id=message_id)

    run = world.through_the_gate(DISPUTE, report(oak))

    assert "in_reply_to" not in letter(world.leaf(run, "draft_response"))


def test_a_foreign_invoice_is_not_cited(world: World, oak: Customer) -> None:
    foreign = invoice(customer("Elm School"), "9876.50", overdue=5)

    run = world.through_the_gate(DISPUTE, report(oak, invoice_ref=foreign.tranid))

    proposals = ProposedAction.objects.filter(run_id=run.pk).exclude(step="")
    assert "9,876.50" not in letter(world.leaf(run, "draft_response"))["body"]
    assert all(proposal.amount is None for proposal in proposals)
    assert not any("9876.50" in proposal.effects for proposal in proposals)


def test_an_invoice_that_does_not_exist_warns(world: World, oak: Customer) -> None:
    run = world.start(DISPUTE, report(oak, invoice_ref="INV-GHOST"))

    assert run.status == "awaiting_approval"
    assert failed_checks(run) == ["invoice_exists"]


def test_an_email_that_names_no_invoice_does_not_warn(world: World, oak: Customer) -> None:
    assert failed_checks(world.start(DISPUTE, report(oak))) == []


def test_an_unknown_sender_gets_no_answer(world: World, oak: Customer) -> None:
    run = world.through_the_gate(DISPUTE, report(None))

    assert run.status == "completed"
    assert "no email address on file" in skipped(run, "draft_response")
    assert steps(run) == {"draft_response": "skipped", "escalate": "done", "ar_hold_decision": "skipped"}
    assert VerifyResult.objects.get(run=run, name="response_drafted").status == "not_applicable"


def test_an_unknown_sender_can_be_escalated_and_writes_nothing(world: World, oak: Customer) -> None:
    run = world.through_the_gate(DISPUTE, report(None))
    before = snapshot()

    world.approve(world.leaf(run, "escalate"))

    assert changed(before) == {}


def test_the_memory_knows_the_customer_or_that_nobody_does(world: World, oak: Customer) -> None:
    known, unknown = world.through_the_gate(DISPUTE, report(oak)), world.through_the_gate(DISPUTE, report(None))

    assert ReflexionLog.objects.get(run=known).tags == f"{DISPUTE},invoice_dispute,customer:{oak.pk}"
    assert ReflexionLog.objects.get(run=unknown).tags == f"{DISPUTE},invoice_dispute,customer:unknown"


def test_the_draft_is_found_by_verify(world: World, oak: Customer) -> None:
    run = world.through_the_gate(DISPUTE, report(oak))

    run_due(ago(minutes=-2))

    assert VerifyResult.objects.get(run=run, name="response_drafted").status == "pass"


def test_an_answer_about_a_balance_that_changed_is_closed(world: World, oak: Customer) -> None:
    disputed = invoice(oak, "100.00", overdue=5)
    run = world.through_the_gate(DISPUTE, report(oak, invoice_ref=disputed.tranid))
    Transaction.objects.filter(pk=disputed.pk).update(foreignamountunpaid=0)

    result = world.approve(world.leaf(run, "draft_response"))
    world.deliver()

    assert result.outcome == "closed"
    assert mail.outbox == []


def test_an_answer_without_an_invoice_can_be_approved(world: World, oak: Customer) -> None:
    run = world.through_the_gate(DISPUTE, report(oak))

    world.approve(world.leaf(run, "draft_response"))
    world.deliver()

    assert [message.to for message in mail.outbox] == [[oak.email]]


@pytest.mark.parametrize(
    "reason",
    [
        "{{ customer.email }} {% include 'x' %}",
        "${{ customer.email }}",
        "Pay now\r\nBcc: thief@example.org",
        "🙏 100 %s",
    ],
)
def test_what_the_customer_wrote_is_quoted_and_never_evaluated(world: World, oak: Customer, reason: str) -> None:
    run = world.through_the_gate(DISPUTE, report(oak, reason_text=reason))

    answer = letter(world.leaf(run, "draft_response"))
    assert answer["to"] == oak.email
    assert "\n" not in answer["subject"]
    assert world.leaf(run, "escalate").summary == reason


# --- escalation -------------------------------------------------------------------------------------------------------


def test_approving_the_escalation_opens_the_dispute_and_drafts_a_note(world: World, oak: Customer) -> None:
    disputed = invoice(oak, "100.00", overdue=5)
    run = world.through_the_gate(DISPUTE, report(oak, invoice_ref=disputed.tranid))
    assert not ArDispute.objects.exists()

    world.approve(world.leaf(run, "escalate", action_type="customer_escalation"))

    dispute = ArDispute.objects.get()
    note = world.leaf(run, "escalate", action_type="sales_rep_note")
    assert (dispute.customer_id, dispute.invoice_ref) == (oak.pk, disputed.tranid)
    assert (dispute.status, dispute.dunning_paused) == ("escalated", False)
    assert note.status == "pending"
    assert not OutboundEmail.objects.exists()


def test_the_note_to_the_sales_rep_takes_a_decision_of_its_own(world: World, oak: Customer) -> None:
    run = world.through_the_gate(DISPUTE, report(oak))
    world.approve(world.leaf(run, "escalate", action_type="customer_escalation"))

    world.approve(world.leaf(run, "escalate", action_type="sales_rep_note"))
    world.deliver()

    [message] = mail.outbox
    assert message.to == ["asa@example.org"]
    assert REASON in message.body


def test_a_customer_without_a_rep_is_escalated_without_a_note(world: World, oak: Customer) -> None:
    Customer.objects.filter(pk=oak.pk).update(sales_rep=None)
    run = world.through_the_gate(DISPUTE, report(oak))

    world.approve(world.leaf(run, "escalate"))

    assert ArDispute.objects.count() == 1
    assert not ProposedAction.objects.filter(action_type="sales_rep_note").exists()


def escalation(world: World, run: WorkflowRun) -> ProposedAction:
    return world.leaf(run, "escalate", action_type="customer_escalation")


def test_three_emails_about_one_invoice_are_one_dispute_and_ask_for_no_hold(world: World, oak: Customer) -> None:
    disputed = invoice(oak, "100.00", overdue=5)

    for number in range(3):
        mail_in = report(oak, invoice_ref=disputed.tranid, email_uuid=f"mail-{number}")
        result = world.approve(escalation(world, world.through_the_gate(DISPUTE, mail_in)))
        assert result.outcome == "approved"

    assert ArDispute.objects.get().status == "escalated"
    assert ProposedAction.objects.filter(action_type="sales_rep_note").count() == 3
    assert not ProposedAction.objects.filter(action_type="ar_hold_review").exists()


def test_an_open_dispute_of_the_invoice_becomes_escalated(world: World, oak: Customer) -> None:
    disputed = invoice(oak, "100.00", overdue=5)
    known = factories.ArDisputeFactory(customer_id=oak.pk, invoice_ref=disputed.tranid)

    world.approve(escalation(world, world.through_the_gate(DISPUTE, report(oak, invoice_ref=disputed.tranid))))

    assert list(ArDispute.objects.values_list("pk", "status", "reason")) == [(known.pk, "escalated", known.reason)]


def test_a_resolved_dispute_and_another_invoice_open_one_of_their_own(world: World, oak: Customer) -> None:
    disputed, other = invoice(oak, "100.00", overdue=5), invoice(oak, "50.00", overdue=5)
    factories.ArDisputeFactory(customer_id=oak.pk, invoice_ref=disputed.tranid, resolved=True)
    factories.ArDisputeFactory(customer_id=oak.pk, invoice_ref=other.tranid)

    world.approve(escalation(world, world.through_the_gate(DISPUTE, report(oak, invoice_ref=disputed.tranid))))

    assert ArDispute.objects.filter(invoice_ref=disputed.tranid, status="escalated").count() == 1
    assert ArDispute.objects.count() == 3


def test_of_two_escalations_that_wait_only_the_first_opens_the_dispute(world: World, oak: Customer) -> None:
    disputed = invoice(oak, "100.00", overdue=5)
    first, second = (
        escalation(world, world.through_the_gate(DISPUTE, report(oak, invoice_ref=disputed.tranid))) for _ in range(2)
    )

    assert world.approve(first).outcome == "approved"
    assert world.approve(second).outcome == "closed"

    assert ArDispute.objects.count() == 1


def test_the_database_holds_one_open_dispute_of_an_invoice(oak: Customer) -> None:
    factories.ArDisputeFactory(customer_id=oak.pk, invoice_ref="INV-1")

    with pytest.raises(IntegrityError), transaction.atomic():
        factories.ArDisputeFactory(customer_id=oak.pk, invoice_ref="INV-1", escalated=True)


# --- hold or continue -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("open_ones", "asked"), [(0, False), (1, False), (2, True), (3, True)])
def test_two_open_disputes_ask_for_a_hold_and_one_does_not(
    world: World, oak: Customer, open_ones: int, asked: bool
) -> None:
    for number in range(open_ones):
        factories.ArDisputeFactory(customer_id=oak.pk, escalated=bool(number % 2))

    run = world.through_the_gate(DISPUTE, report(oak))

    assert ProposedAction.objects.filter(action_type="ar_hold_review").exists() is asked
    assert steps(run)["ar_hold_decision"] == ("done" if asked else "skipped")


def test_resolved_and_foreign_disputes_do_not_count(world: World, oak: Customer) -> None:
    factories.ArDisputeFactory(customer_id=oak.pk)
    factories.ArDisputeFactory(customer_id=oak.pk, resolved=True)
    factories.ArDisputeFactory(customer_id=customer("Elm School").pk)

    world.through_the_gate(DISPUTE, report(oak))

    assert not ProposedAction.objects.filter(action_type="ar_hold_review").exists()


@pytest.fixture
def asked(world: World, oak: Customer) -> ProposedAction:
    """The question whether to hold a customer with two open disputes."""
    for _ in range(2):
        factories.ArDisputeFactory(customer_id=oak.pk)
    return world.leaf(world.through_the_gate(DISPUTE, report(oak)), "ar_hold_decision")


def test_approving_the_hold_pauses_letters_and_holds_service(
    world: World, oak: Customer, asked: ProposedAction
) -> None:
    world.approve(asked)

    assert set(ArDispute.objects.values_list("dunning_paused", flat=True)) == {True}
    assert CustomerProgram.objects.get(customer_id=oak.pk).type == "service_hold"
    assert Customer.objects.get(pk=oak.pk).entitystatus == "hold"


def test_rejecting_the_hold_continues(world: World, oak: Customer, asked: ProposedAction) -> None:
    before = snapshot()

    world.decide(asked, "reject")
    world.work()

    assert changed(before) == {}


def test_a_hold_whose_dispute_was_resolved_meanwhile_is_closed(
    world: World, oak: Customer, asked: ProposedAction
) -> None:
    first = ArDispute.objects.order_by("pk")[0]
    ArDispute.objects.filter(pk=first.pk).update(status="resolved")
    before = snapshot()

    result = world.approve(asked)

    assert result.outcome == "closed"
    assert changed(before) == {}


def test_a_hold_with_a_dispute_that_is_paused_already_changes_nothing_half(
    world: World, oak: Customer, asked: ProposedAction
) -> None:
    """The frozen effects replace values that are no longer there: none of them is applied."""
    first = ArDispute.objects.order_by("pk")[0]
    ArDispute.objects.filter(pk=first.pk).update(dunning_paused=True)
    before = snapshot()

    result = world.approve(asked)

    assert result.outcome == "closed"
    assert "changed meanwhile" in result.message
    assert changed(before) == {}


def test_a_customer_on_service_hold_is_not_held_twice(world: World, oak: Customer) -> None:
    factories.CustomerProgramFactory(customer_id=oak.pk, service_hold=True)
    for _ in range(2):
        factories.ArDisputeFactory(customer_id=oak.pk)

    world.approve(world.leaf(world.through_the_gate(DISPUTE, report(oak)), "ar_hold_decision"))

    assert CustomerProgram.objects.count() == 1

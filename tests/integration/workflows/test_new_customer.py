"""New customer onboard: duplicates, warnings, the gate, the rows, the welcome letter."""

import unicodedata
from decimal import Decimal

import pytest
from django.core import mail

from approvals.canonical import parse
from approvals.models import Decision, ProposedAction
from tests.factories import CustomerFactory, PaymentTermFactory, PricingTierFactory, SalesRepFactory
from tests.world import World, changed, failed_checks, snapshot, status, steps
from workflows_app.models import (
    Customer,
    CustomerProfile,
    CustomerProgram,
    Event,
    OutboundEmail,
    PendingPush,
    ReflexionLog,
    RunLog,
)

FORM = {
    "company_name": "Lakeside Schools",
    "contact_email": "office@lakeside.example.org",
    "billing_address": "1 Lake Rd\nSpringfield, NY 10001",
}
ONE_OF_EACH = {"customers": 1, "customer_profiles": 1, "customer_programs": 1, "ns_pending_pushes": 1}


@pytest.fixture(autouse=True)
def _company(world: World) -> None:
    PaymentTermFactory(id="5", name="Net 30")
    PricingTierFactory(tier="standard")


def form(**changes: str) -> dict[str, str]:
    return {**FORM, **changes}


@pytest.mark.parametrize(
    "name",
    [
        "O'Brien & Söhne 100%",
        "o'brien & SÖHNE 100%",
        "  O'Brien & Söhne 100%\n",
        "O'Brien  &   Söhne 100%",
    ],
)
def test_a_duplicate_name_is_blocked(world: World, name: str) -> None:
    CustomerFactory(companyname="O'Brien & Söhne 100%")

    run = world.start("new_customer", form(company_name=name))

    assert run.status == "blocked"
    assert failed_checks(run)[0] == "no_duplicate"


def test_a_duplicate_email_is_blocked(world: World) -> None:
    CustomerFactory(email="Office@Lakeside.example.org")

    run = world.start("new_customer", FORM)

    assert run.status == "blocked"


@pytest.mark.parametrize(
    "name",
    [
        unicodedata.normalize("NFD", "O'Brien & Söhne 100%"),
        "O’BRIEN & Söhne 100%",
        "O'Brien\u200b & Söhne 100%",
        "O'Brien &\u00a0Söhne 100%",
        "O'Brien & Söhne １００%",
    ],
)
def test_a_duplicate_in_disguise_is_blocked(world: World, name: str) -> None:
    CustomerFactory(companyname="O'Brien & Söhne 100%")

    run = world.start("new_customer", form(company_name=name))

    assert run.status == "blocked"
    assert "no_duplicate_in_disguise" in failed_checks(run)


@pytest.mark.parametrize(
    "stored",
    [
        {"companyname": "  Lakeside   Schools "},
        {"companyname": "Lakeside\u200b Schools"},
        {"email": " Office@lakeside.example.org  "},
    ],
)
def test_a_mirror_row_with_stray_signs_is_still_the_same_customer(world: World, stored: dict[str, str]) -> None:
    CustomerFactory(**stored)

    assert failed_checks(world.start("new_customer", FORM)) == ["no_duplicate_in_disguise"]


@pytest.mark.parametrize(
    ("stored", "name"),
    [("1000 Juice Co", "100% Juice Co"), ("AB Foods", "A_ Foods"), ("Grün", "Grun"), ("Lee", "Le")],
)
def test_a_name_matches_only_itself(world: World, stored: str, name: str) -> None:
    CustomerFactory(companyname=stored)

    run = world.start("new_customer", form(company_name=name))

    assert run.status == "awaiting_approval"


def test_a_blocked_run_says_why_everywhere_and_proposes_nothing(world: World) -> None:
    CustomerFactory(companyname="Lakeside Schools")

    run = world.start("new_customer", FORM)

    log = RunLog.objects.get(run=run)
    event = Event.objects.get(run_id=run.pk)
    assert log.status == "blocked"
    assert "no_duplicate" in parse(log.summary_json)["reason"]
    assert "no_duplicate" in ReflexionLog.objects.get(run=run).narrative
    assert event.event_type == "workflow.failed"
    assert "no_duplicate" in parse(event.payload)["reason"]
    assert not ProposedAction.objects.exists()


def test_a_similar_name_warns_on_the_card(world: World) -> None:
    CustomerFactory(companyname="Leeds Schools")

    run = world.start("new_customer", form(company_name="Lee"))

    assert run.status == "awaiting_approval"
    assert failed_checks(run) == ["similar_name"]
    assert "similar_name" in world.gate(run).summary


@pytest.mark.parametrize(
    ("field", "value", "check"),
    [("terms", "Net 99", "terms_known"), ("sales_rep", "nobody", "sales_rep_known")],
)
def test_a_value_that_is_not_on_file_warns(world: World, field: str, value: str, check: str) -> None:
    run = world.start("new_customer", form(**{field: value}))

    assert failed_checks(run) == [check]


def test_nothing_is_written_before_the_decision(world: World) -> None:
    before = snapshot()

    world.start("new_customer", FORM)
    world.work()

    assert changed(before) == {}


def test_approving_writes_exactly_the_rows_of_the_card(world: World) -> None:
    rep = SalesRepFactory(name="Åsa Berg")
    before = snapshot()

    run = world.through_the_gate("new_customer", form(sales_rep="åsa berg", credit_limit="2,500"))

    assert run.status == "completed"
    assert set(steps(run).values()) == {"done"}
    assert changed(before) == ONE_OF_EACH
    customer = Customer.objects.get(companyname="Lakeside Schools")
    assert (customer.entitystatus, customer.sales_rep, customer.terms_id) == ("prospect", rep.pk, "5")
    assert customer.credit_limit == Decimal("2500.00")
    assert customer.shipping_address == customer.billing_address == FORM["billing_address"]
    assert customer.ns_id is None
    assert customer.lastmodifieddate is None


def test_every_row_belongs_to_the_new_customer(world: World) -> None:
    world.through_the_gate("new_customer", FORM)

    customer = Customer.objects.get()
    push = PendingPush.objects.get()
    assert customer.pk.startswith("cs-cus-")
    assert CustomerProfile.objects.get().pk == customer.pk
    assert CustomerProgram.objects.get().customer_id == customer.pk
    assert (push.external_id, push.record_type, push.status) == (customer.pk, "customer", "pending")


def test_the_push_carries_the_proposal_and_the_digest_that_was_approved(world: World) -> None:
    run = world.through_the_gate("new_customer", FORM)

    push, gate = PendingPush.objects.get(), world.gate(run)
    assert (push.proposal_id, push.digest) == (gate.pk, gate.digest)
    assert Decision.objects.get(proposal=gate).digest_decided == push.digest


def test_rejecting_leaves_a_log_and_an_event_and_nothing_else(world: World) -> None:
    run = world.start("new_customer", FORM)
    before = snapshot()

    world.decide(world.gate(run), "reject", reason="They went out of business")
    world.work()

    assert status(run) == "rejected"
    assert changed(before) == {}
    assert RunLog.objects.get(run=run).status == "rejected"
    assert "out of business" in parse(Event.objects.get(run_id=run.pk).payload)["reason"]
    assert not run.steps.exists()


def test_the_welcome_letter_waits_for_a_decision_of_its_own(world: World) -> None:
    run = world.through_the_gate("new_customer", FORM)
    world.deliver()

    assert world.leaf(run, "welcome_email").status == "pending"
    assert not OutboundEmail.objects.exists()
    assert mail.outbox == []


def test_approving_the_welcome_letter_sends_exactly_one(world: World) -> None:
    run = world.through_the_gate("new_customer", FORM)
    draft = world.leaf(run, "welcome_email")

    world.approve(draft)
    world.deliver()
    world.deliver()

    letter = OutboundEmail.objects.get()
    assert (letter.to, letter.status) == ("office@lakeside.example.org", "sent")
    assert letter.related_customer_id == Customer.objects.get().pk
    assert [message.to for message in mail.outbox] == [["office@lakeside.example.org"]]


def test_rejecting_the_welcome_letter_keeps_the_customer(world: World) -> None:
    run = world.through_the_gate("new_customer", FORM)

    world.decide(world.leaf(run, "welcome_email"), "reject")
    world.work()
    world.deliver()

    assert Customer.objects.count() == 1
    assert mail.outbox == []


def test_approving_again_changes_nothing(world: World) -> None:
    run = world.through_the_gate("new_customer", FORM)
    gate, before = world.gate(run), snapshot()

    result = world.approve(gate)

    assert result.outcome == "refused"
    assert "Already approved by person:mike" in result.message
    assert changed(before) == {}


def test_the_same_key_returns_the_run_that_is_there(world: World) -> None:
    first = world.start("new_customer", FORM, key="form-17")

    second = world.start("new_customer", form(company_name="Other"), key="form-17")

    assert second.pk == first.pk
    assert ProposedAction.objects.count() == 1


def test_two_runs_for_one_new_customer_create_one(world: World) -> None:
    first, second = world.start("new_customer", FORM), world.start("new_customer", FORM)
    world.approve(world.gate(first))

    result = world.approve(world.gate(second))

    assert result.outcome == "closed"
    assert status(second) == "blocked"
    assert Customer.objects.count() == 1

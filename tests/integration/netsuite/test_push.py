"""Push delivery: what is copied back, what never leaves, order and waiting, failures."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from approvals.canonical import canonical
from approvals.clock import database_now
from approvals.models import Outcome, ProposedAction
from tests.factories import CustomerFactory, QuoteFactory
from tests.integration.netsuite.pushes import (
    CUSTOMER,
    approved_push,
    estimate,
    hurry,
    modified,
    new_record,
    settle,
    status,
)
from workflows_app.models import Alert, Customer, PendingPush, Quote
from workflows_app.netsuite import push_queue
from workflows_app.netsuite.push import Counts, deliver_pushes
from workflows_app.netsuite.sandbox.server import Sandbox

pytestmark = pytest.mark.django_db


def test_what_netsuite_confirmed_is_copied_back(sandbox: Sandbox, mike: User) -> None:
    CustomerFactory(id="cs-cus-ada", ns_id=None, prospect=True)
    push = approved_push(mike, "ada")

    assert deliver_pushes() == Counts(applied=1)

    (record,) = sandbox.records("customer")
    customer = Customer.objects.get()
    assert (status(push), push.ns_id, push.last_error, push.attempts) == ("applied", record["id"], "", 0)
    assert (customer.ns_id, customer.entitystatus) == (record["id"], "active")
    assert customer.lastmodifieddate == push.confirmed_modified == modified("customer", record["id"])
    assert ProposedAction.objects.get().outcome == Outcome.CONFIRMED


def test_a_customer_on_hold_stays_on_hold(sandbox: Sandbox, mike: User) -> None:
    CustomerFactory(id="cs-cus-ada", ns_id=None, on_hold=True)
    approved_push(mike, "ada")

    deliver_pushes()

    assert Customer.objects.get().entitystatus == "hold"


def test_a_contract_may_name_the_subsidiary_of_a_record(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada", record={**CUSTOMER, "subsidiary": {"id": "1"}})

    deliver_pushes()

    (record,) = sandbox.records("customer")
    assert (status(push), record["subsidiary"]["id"]) == ("applied", "1")


def test_an_applied_push_is_not_sent_again(sandbox: Sandbox, mike: User) -> None:
    approved_push(mike, "ada")
    deliver_pushes()
    before = len(sandbox.arrived())

    assert deliver_pushes() == Counts()
    assert len(sandbox.arrived()) == before


def test_an_unknown_field_is_refused_instead_of_dropped(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada", record={**CUSTOMER, "favouriteColour": "blue"})

    deliver_pushes()

    assert status(push) == "dead"
    assert "favouriteColour" in push.last_error
    assert "o:errorDetails" in push.answer
    assert Alert.objects.get(resolved_at=None).kind == "push_dead"
    assert sandbox.records("customer") == []


def test_what_may_be_mended_in_netsuite_is_tried_three_times(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada", record={"email": "ada@example.com"})

    deliver_pushes()
    assert (status(push), push.attempts) == ("retrying", 1)
    assert push.next_attempt_at > database_now() + timedelta(seconds=20)
    assert not Alert.objects.exists()

    settle()

    assert (status(push), push.attempts) == ("dead", 3)
    assert "Please enter value(s) for: Company Name." in push.last_error
    assert "Please enter value(s)" in Alert.objects.get().message
    assert len(sandbox.arrived("PUT")) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"payload": canonical({**CUSTOMER, "creditLimit": "99999.00"})},
        {"external_id": "cs-cus-other"},
        {"record_type": "vendor"},
        {"on_failure": "retry_for_ever"},
        {"digest": "0" * 64},
        {"expected_modified": "2030-01-01T00:00:00Z"},
    ],
)
def test_a_row_that_was_changed_after_approval_never_leaves(
    sandbox: Sandbox, mike: User, change: dict[str, Any]
) -> None:
    push = approved_push(mike, "ada")
    PendingPush.objects.update(**change)

    deliver_pushes()

    assert status(push) == "dead"
    assert "not sent" in push.last_error
    assert Alert.objects.get().kind == "push_dead"
    assert sandbox.arrived("PUT") == []


@pytest.mark.parametrize("state", ["pending", "rejected", "expired", "superseded", "closed"])
def test_a_push_of_a_proposal_that_is_not_approved_never_leaves(sandbox: Sandbox, mike: User, state: str) -> None:
    push = approved_push(mike, "ada")
    ProposedAction.objects.update(status=state)

    deliver_pushes()

    assert status(push) == "dead"
    assert f"its proposal is {state}" in push.last_error
    assert sandbox.arrived("PUT") == []


def test_a_proposal_that_was_rewritten_with_its_digest_is_not_the_approved_one(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada")
    other = approved_push(mike, "eve", external_id="cs-cus-ada", record={**CUSTOMER, "creditLimit": "1.00"})
    text = ProposedAction.objects.get(pk=other.proposal_id)
    ProposedAction.objects.filter(pk=push.proposal_id).update(effects=text.effects, digest=text.digest)
    PendingPush.objects.filter(pk=push.pk).update(payload=other.payload, digest=text.digest)

    deliver_pushes()

    assert status(push) == "dead"


def test_pushes_of_a_record_arrive_in_their_order(sandbox: Sandbox, mike: User) -> None:
    first = approved_push(mike, "1", external_id="cs-cus-ada")
    second = approved_push(mike, "2", external_id="cs-cus-ada", record={**CUSTOMER, "email": "new@example.com"})
    other = approved_push(mike, "3")
    sandbox.plant("error_before_commit", method="PUT")

    deliver_pushes()
    assert [status(one) for one in (first, second, other)] == ["outcome_unknown", "pending", "applied"]

    settle()
    assert [status(one) for one in (first, second)] == ["applied", "applied"]
    emails = {one["externalId"]: one["email"] for one in sandbox.records("customer")}
    assert emails["cs-cus-ada"] == "new@example.com"


def test_an_estimate_waits_for_its_customer_without_an_attempt(sandbox: Sandbox, mike: User) -> None:
    item = new_record("inventoryItem", itemId="RICE")
    CustomerFactory(id="cs-cus-ada", ns_id=None, prospect=True)
    QuoteFactory(id="cs-est-1", ns_id=None, customer_id="cs-cus-ada")
    record = estimate({"placeholder": "ns_id", "of": "cs-cus-ada"}, item, "39.95")
    quote = approved_push(mike, "quote", record_type="estimate", external_id="cs-est-1", record=record)
    customer = approved_push(mike, "ada")

    deliver_pushes()
    assert (status(quote), quote.attempts, status(customer)) == ("pending", 0, "applied")
    assert "cs-cus-ada" in quote.last_error
    assert quote.next_attempt_at is None

    assert deliver_pushes() == Counts(applied=1)
    (found,) = sandbox.records("estimate")
    assert found["entity"]["id"] == Customer.objects.get().ns_id
    assert Quote.objects.get().lastmodifieddate == modified("estimate", found["id"])


def test_a_dead_workers_push_is_asked_about_first(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada")
    claim = push_queue.claim(push.pk, timedelta(minutes=1))
    assert claim is not None
    push_queue.sending(claim)
    new_record("customer", **{**CUSTOMER, "creditLimit": 12500.5}, externalId="cs-cus-ada")
    hurry()

    deliver_pushes()

    assert (status(push), push.attempts) == ("applied", 0)
    assert sandbox.arrived("PUT") == []
    push_queue.failed(claim, "the dead one came back")
    assert status(push) == "applied"


def test_three_sendings_that_never_arrive_are_an_alert(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada")
    sandbox.plant("error_before_commit", method="PUT", times=9)

    settle()

    assert (status(push), push.attempts) == ("dead", 3)
    assert len(sandbox.arrived("PUT")) == 3
    assert "Error ID" in push.answer


def test_a_yes_without_a_record_is_not_applied(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada")
    sandbox.plant("accepted", method="PUT", times=9)

    settle()

    assert status(push) == "dead"
    assert sandbox.records("customer") == []


def test_what_cannot_be_a_number_is_not_sent(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada", record={**CUSTOMER, "creditLimit": "a lot"})

    deliver_pushes()

    assert status(push) == "dead"
    assert "creditLimit is 'a lot'" in push.last_error
    assert sandbox.arrived("PUT") == []

"""Push delivery: order, waiting, refusals, pauses, conflicts, and what is copied back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from approvals.canonical import canonical
from approvals.clock import database_now
from approvals.models import Outcome, ProposedAction
from tests.factories import CustomerFactory, QuoteFactory
from tests.integration.netsuite.pushes import (
    CUSTOMER,
    approved_push,
    as_approved,
    edit,
    estimate,
    hurry,
    modified,
    new_record,
    settle,
    status,
)
from tests.sandbox import Hands
from workflows_app.models import Alert, Customer, Hold, NetSuiteSlot, PendingPush, Quote
from workflows_app.netsuite import push_queue
from workflows_app.netsuite.client import NetSuite
from workflows_app.netsuite.errors import PermissionRefusedError
from workflows_app.netsuite.push import GRACE, Counts, deliver_pushes
from workflows_app.netsuite.sandbox.server import Sandbox

pytestmark = pytest.mark.django_db


def born_in_netsuite(**body: Any) -> Customer:
    """A customer that NetSuite had first, mirrored as it is there now."""
    ns_id = new_record("customer", companyName="Old name", **body)
    return CustomerFactory(id=ns_id, ns_id=ns_id, lastmodifieddate=modified("customer", ns_id))


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


def test_nothing_leaves_while_everything_is_on_hold(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada")
    Hold.objects.create(on=True)

    assert deliver_pushes() == Counts()
    assert push_queue.claim(push.pk, timedelta(minutes=1)) is None
    assert (status(push), sandbox.arrived()) == ("pending", [])


def test_a_hold_that_comes_between_claim_and_sending_is_heeded(
    sandbox: Sandbox, mike: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    push = approved_push(mike, "ada")
    claim = push_queue.claim

    def hold_then(*arguments: Any) -> Any:
        found = claim(*arguments)
        Hold.objects.create(on=True)
        return found

    monkeypatch.setattr(push_queue, "claim", hold_then)
    deliver_pushes()

    assert (status(push), push.attempts) == ("pending", 0)
    assert sandbox.records("customer") == []


def test_a_busy_netsuite_costs_no_attempt(sandbox: Sandbox, mike: User) -> None:
    push, other = approved_push(mike, "ada"), approved_push(mike, "bob")
    sandbox.plant("too_many", method="PUT", times=9)

    for _ in range(5):
        deliver_pushes()
        hurry()

    assert (status(push), push.attempts, push.waits) == ("pending", 0, 5)
    assert (status(other), other.waits) == ("pending", 0)
    assert Alert.objects.get().kind == "netsuite_away"

    settle()
    assert [status(push), status(other)] == ["applied", "applied"]
    assert not Alert.objects.filter(resolved_at=None).exists()


def test_pauses_grow(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada")
    sandbox.plant("too_many", method="PUT", times=20)

    pauses = []
    for _ in range(8):
        deliver_pushes()
        push.refresh_from_db()
        pauses.append((push.next_attempt_at - database_now()).total_seconds())
        hurry()

    assert 3 < pauses[0] < 7
    assert pauses[3] > 4 * pauses[0]
    assert max(pauses) <= 360


def test_nobody_there_costs_no_attempt(settings: Settings, mike: User) -> None:
    push = approved_push(mike, "ada")

    deliver_pushes()

    assert (status(push), push.attempts, push.waits) == ("pending", 0, 1)
    assert "cannot be reached" in push.last_error


def test_a_refused_login_makes_everything_wait(sandbox: Sandbox, mike: User) -> None:
    pushes = [approved_push(mike, "ada"), approved_push(mike, "bob")]
    sandbox.plant("unauthorized", method="PUT", times=2)

    deliver_pushes()
    calls = len(sandbox.arrived())
    assert deliver_pushes() == Counts()

    assert len(sandbox.arrived()) == calls
    assert [(status(one), one.attempts) for one in pushes] == [("pending", 0)] * 2
    assert Alert.objects.get().kind == "netsuite_login"

    settle()
    assert [status(one) for one in pushes] == ["applied"] * 2
    assert not Alert.objects.filter(resolved_at=None).exists()


def test_half_a_login_in_the_settings_is_an_alert(settings: Settings, mike: User) -> None:
    settings.NETSUITE = {**settings.NETSUITE, "ACCOUNT": "123456"}
    push = approved_push(mike, "ada")

    assert deliver_pushes() == Counts()

    assert (status(push), push.attempts) == ("pending", 0)
    assert "NETSUITE_CLIENT_ID" in Alert.objects.get().message


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


def test_a_request_that_may_still_arrive_is_not_sent_again_at_once(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada")
    sandbox.plant("drop_before_commit", method="PUT")
    deliver_pushes()
    PendingPush.objects.update(next_attempt_at=None)

    deliver_pushes()

    assert (status(push), push.attempts) == ("outcome_unknown", 1)
    assert len(sandbox.arrived("PUT")) == 1
    assert database_now() < push.next_attempt_at <= push.sent_at + GRACE + timedelta(seconds=1)


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


def test_a_record_of_netsuite_is_changed_by_its_internal_id(sandbox: Sandbox, mike: User) -> None:
    customer = born_in_netsuite(phone="1")
    approved_push(mike, "x", external_id=customer.pk, expected_modified=customer.lastmodifieddate)

    deliver_pushes()

    (record,) = sandbox.records("customer")
    assert as_approved(record) == CUSTOMER
    assert sandbox.arrived("PUT") == []


def test_what_was_changed_in_netsuite_since_the_plan_is_not_overwritten(
    sandbox: Sandbox, mike: User, hands: Hands
) -> None:
    customer = born_in_netsuite()
    push = approved_push(mike, "x", external_id=customer.pk, expected_modified=customer.lastmodifieddate)
    hands.forward()
    edit("customer", customer.pk, email="their@example.com")

    deliver_pushes()

    assert (status(push), push.attempts) == ("conflict", 0)
    assert "email is 'their@example.com' and was to be 'ada@example.com'" in push.last_error
    assert Alert.objects.get().kind == "push_conflict"
    assert sandbox.records("customer")[0]["email"] == "their@example.com"
    settle()
    assert status(push) == "conflict"


def test_a_change_that_sync_has_copied_meanwhile_is_still_a_conflict(
    sandbox: Sandbox, mike: User, hands: Hands
) -> None:
    customer = born_in_netsuite()
    push = approved_push(mike, "x", external_id=customer.pk, expected_modified=customer.lastmodifieddate)
    hands.forward()
    edit("customer", customer.pk, email="their@example.com")
    Customer.objects.update(lastmodifieddate=modified("customer", customer.pk))

    deliver_pushes()

    assert status(push) == "conflict"


def test_our_own_earlier_push_is_no_conflict(sandbox: Sandbox, mike: User, hands: Hands) -> None:
    customer = born_in_netsuite()
    known = customer.lastmodifieddate
    first = approved_push(mike, "1", external_id=customer.pk, expected_modified=known)
    record = {**CUSTOMER, "email": "new@example.com"}
    second = approved_push(mike, "2", external_id=customer.pk, record=record, expected_modified=known)
    hands.forward()

    settle()

    assert [status(first), status(second)] == ["applied", "applied"]
    assert sandbox.records("customer")[0]["email"] == "new@example.com"


def test_our_own_push_without_an_answer_is_no_conflict(sandbox: Sandbox, mike: User, hands: Hands) -> None:
    customer = born_in_netsuite()
    push = approved_push(mike, "1", external_id=customer.pk, expected_modified=customer.lastmodifieddate)
    hands.forward()
    sandbox.plant("commit_then_drop", method="PATCH")

    settle()

    assert status(push) == "applied"


def test_a_record_that_was_deleted_in_netsuite_is_a_conflict(sandbox: Sandbox, mike: User) -> None:
    CustomerFactory(id="4711", ns_id="4711")
    push = approved_push(mike, "x", external_id="4711")

    deliver_pushes()

    assert status(push) == "conflict"
    assert "has no customer 4711 any more" in push.last_error


def test_an_id_that_another_row_has_is_a_conflict(sandbox: Sandbox, mike: User) -> None:
    ns_id = new_record("customer", **{**CUSTOMER, "creditLimit": 12500.5}, externalId="cs-cus-ada")
    CustomerFactory(id="cs-cus-ada", ns_id=None)
    CustomerFactory(id=ns_id, ns_id=ns_id)
    push = approved_push(mike, "ada")

    deliver_pushes()

    assert status(push) == "conflict"
    assert "another of our rows" in push.last_error


def test_what_cannot_be_a_number_is_not_sent(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada", record={**CUSTOMER, "creditLimit": "a lot"})

    deliver_pushes()

    assert status(push) == "dead"
    assert "creditLimit is 'a lot'" in push.last_error
    assert sandbox.arrived("PUT") == []


def test_every_slot_is_free_in_the_end(sandbox: Sandbox, mike: User) -> None:
    approved_push(mike, "ada")
    sandbox.plant("drop_before_commit", method="PUT")

    settle()

    assert NetSuiteSlot.objects.exclude(lease_until=None).count() == 0


def test_missing_permission_stops_only_such_records(
    sandbox: Sandbox, mike: User, refusing: Callable[[str], None]
) -> None:
    refusing("estimate")
    item = new_record("inventoryItem", itemId="RICE")
    ns_id = new_record("customer", companyName="Bob")
    quotes = [
        approved_push(mike, f"q{n}", record_type="estimate", external_id=f"cs-est-{n}", record=estimate(ns_id, item))
        for n in range(2)
    ]
    customer = approved_push(mike, "ada")

    deliver_pushes()

    assert [(status(one), one.attempts) for one in quotes] == [("pending", 0)] * 2
    assert [one.waits for one in quotes] == [1, 0]
    assert status(customer) == "applied"
    assert Alert.objects.get(resolved_at=None).kind == "netsuite_permission"


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes the client refuse writes of a record type as a role without permission does."""
    upsert = NetSuite.upsert

    def refuse(record_type: str) -> None:
        def instead(self: NetSuite, kind: str, *arguments: Any, **options: Any) -> str:
            if kind == record_type:
                raise PermissionRefusedError("Your current role does not have permission to perform this action.")
            return upsert(self, kind, *arguments, **options)

        monkeypatch.setattr(NetSuite, "upsert", instead)

    return refuse

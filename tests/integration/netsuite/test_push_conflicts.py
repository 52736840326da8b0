"""A record that NetSuite changed since the plan is not overwritten; our own changes are no conflict."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.factories import CustomerFactory
from tests.integration.netsuite.pushes import (
    CUSTOMER,
    approved_push,
    as_approved,
    edit,
    modified,
    new_record,
    settle,
    status,
)
from tests.sandbox import Hands
from workflows_app.models import Alert, Customer, PendingPush
from workflows_app.netsuite import intervention
from workflows_app.netsuite.client import NetSuite
from workflows_app.netsuite.errors import BusyError
from workflows_app.netsuite.push import deliver_pushes
from workflows_app.netsuite.sandbox.server import Sandbox

pytestmark = pytest.mark.django_db


def born_in_netsuite(**body: Any) -> Customer:
    """A customer that NetSuite had first, mirrored as it is there now."""
    ns_id = new_record("customer", companyName="Old name", **body)
    return CustomerFactory(id=ns_id, ns_id=ns_id, lastmodifieddate=modified("customer", ns_id))


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


def test_our_own_request_that_arrives_late_is_no_conflict(sandbox: Sandbox, mike: User, hands: Hands) -> None:
    first = approved_push(mike, "1", external_id="cs-cus-ada")
    CustomerFactory(id="cs-cus-ada", ns_id=None, prospect=True)
    sandbox.plant("drop_before_commit", method="PUT")
    settle()
    hands.forward()
    edit("customer", PendingPush.objects.get().ns_id, phone=CUSTOMER["phone"])

    second = approved_push(mike, "2", external_id="cs-cus-ada", record={**CUSTOMER, "email": "new@example.com"})
    settle()

    assert [status(first), status(second)] == ["applied", "applied"]


def test_what_somebody_changed_after_our_repeated_request_is_a_conflict(
    sandbox: Sandbox, mike: User, hands: Hands
) -> None:
    CustomerFactory(id="cs-cus-ada", ns_id=None, prospect=True)
    approved_push(mike, "1", external_id="cs-cus-ada")
    sandbox.plant("drop_before_commit", method="PUT")
    settle()
    hands.forward()
    edit("customer", PendingPush.objects.get().ns_id, phone="theirs")

    second = approved_push(mike, "2", external_id="cs-cus-ada", record={**CUSTOMER, "email": "new@example.com"})
    settle()

    assert status(second) == "conflict"


def test_a_record_without_a_row_of_ours_is_not_overwritten_either(sandbox: Sandbox, mike: User, hands: Hands) -> None:
    approved_push(mike, "1", external_id="cs-cus-nobody")
    settle()
    hands.forward()
    edit("customer", "eid:cs-cus-nobody", email="their@example.com")

    second = approved_push(mike, "2", external_id="cs-cus-nobody", record={**CUSTOMER, "phone": "1"})
    settle()

    assert status(second) == "conflict"


def test_a_plan_older_than_a_change_in_netsuite_does_not_pass_behind_a_newer_one_of_ours(
    sandbox: Sandbox, mike: User, hands: Hands
) -> None:
    customer = born_in_netsuite(phone="5185550000")
    hands.forward()
    edit("customer", customer.pk, email="their@example.com")
    fresh, stale = {"phone": "5185550102"}, {"email": "stale@example.com"}
    seen = modified("customer", customer.pk)
    hands.forward()
    first = approved_push(mike, "1", external_id=customer.pk, record=fresh, expected_modified=seen)
    deliver_pushes()
    known = customer.lastmodifieddate
    second = approved_push(mike, "2", external_id=customer.pk, record=stale, expected_modified=known)

    deliver_pushes()

    assert [status(first), status(second)] == ["applied", "conflict"]
    assert sandbox.records("customer")[0]["email"] == "their@example.com"


@pytest.mark.parametrize("fault", ["commit_then_drop", "unavailable"])
def test_a_new_record_that_somebody_changed_before_we_asked_is_not_overwritten(
    sandbox: Sandbox, mike: User, hands: Hands, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    CustomerFactory(id="cs-cus-ada", ns_id=None, prospect=True)
    push = approved_push(mike, "ada")
    if fault == "unavailable":
        monkeypatch.setattr(NetSuite, "upsert", committing_then_busy(NetSuite.upsert))
    else:
        sandbox.plant(fault, method="PUT")
    deliver_pushes()
    assert status(push) == ("pending" if fault == "unavailable" else "outcome_unknown")
    hands.forward(250)
    edit("customer", "eid:cs-cus-ada", email="their@example.com")

    PendingPush.objects.update(next_attempt_at=None)
    deliver_pushes()

    assert status(push) == "conflict"
    assert sandbox.records("customer")[0]["email"] == "their@example.com"


def test_a_dead_push_that_is_tried_again_does_not_overwrite_either(sandbox: Sandbox, mike: User, hands: Hands) -> None:
    CustomerFactory(id="cs-cus-ada", ns_id=None, prospect=True)
    push = approved_push(mike, "ada")
    sandbox.plant("commit_then_drop", method="PUT")
    deliver_pushes()
    PendingPush.objects.update(status="dead")
    hands.forward(250)
    edit("customer", "eid:cs-cus-ada", companyName="Ada's Kitchen LLC")

    intervention.retry(push.pk, "person:mike")
    deliver_pushes()

    assert status(push) == "conflict"
    assert sandbox.records("customer")[0]["companyName"] == "Ada's Kitchen LLC"


def test_what_was_refused_is_sent_again_when_nothing_arrived(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada")
    sandbox.plant("too_many", method="PUT")
    deliver_pushes()
    PendingPush.objects.update(next_attempt_at=None)

    deliver_pushes()

    assert (status(push), push.attempts) == ("applied", 0)


def test_a_record_of_which_nobody_knows_when_it_was_changed_is_not_overwritten(sandbox: Sandbox, mike: User) -> None:
    ns_id = new_record("customer", companyName="Old name", email="their@example.com")
    CustomerFactory(id=ns_id, ns_id=ns_id, lastmodifieddate=None)
    push = approved_push(mike, "x", external_id=ns_id)

    deliver_pushes()

    assert status(push) == "conflict"
    assert sandbox.records("customer")[0]["email"] == "their@example.com"


def test_what_is_pushed_anyway_to_a_new_record_does_not_overwrite_a_further_change(
    sandbox: Sandbox, mike: User, hands: Hands
) -> None:
    CustomerFactory(id="cs-cus-ada", ns_id=None, prospect=True)
    new_record("customer", externalId="cs-cus-ada", companyName="Old name")
    anyway = approved_push(mike, "ada", expected_modified=modified("customer", "eid:cs-cus-ada"))
    hands.forward()
    edit("customer", "eid:cs-cus-ada", email="their@example.com")

    deliver_pushes()

    assert status(anyway) == "conflict"


def committing_then_busy(upsert: Callable[..., str]) -> Callable[..., str]:
    """A gateway that says 503 after NetSuite has done it."""

    def instead(*arguments: Any, **options: Any) -> str:
        upsert(*arguments, **options)
        raise BusyError("PUT customer: 503", status=503)

    return instead

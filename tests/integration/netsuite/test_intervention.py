"""What a person may do with a push that did not arrive."""

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
from workflows_app.netsuite.client import connect
from workflows_app.netsuite.intervention import Answer
from workflows_app.netsuite.push import deliver_pushes
from workflows_app.netsuite.sandbox.server import Sandbox

pytestmark = pytest.mark.django_db


def link(push: PendingPush, ns_id: str) -> Answer:
    with connect() as netsuite:
        return intervention.link(push.pk, ns_id, netsuite, "person:mike")


def test_a_dead_push_is_tried_again_with_all_its_attempts(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada")
    sandbox.plant("error_before_commit", method="PUT", times=3)
    settle()
    assert status(push) == "dead"

    assert intervention.retry(push.pk, "person:mike").done
    assert not Alert.objects.filter(resolved_at=None).exists()
    deliver_pushes()

    assert status(push) == "applied"
    assert len(sandbox.records("customer")) == 1


def test_a_retry_lifts_the_pause_after_a_refused_login(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada")
    sandbox.plant("unauthorized", method="PUT", times=2)
    deliver_pushes()

    intervention.retry(push.pk, "person:mike")
    deliver_pushes()

    assert status(push) == "applied"


@pytest.mark.parametrize(
    ("state", "words"),
    [("applied", "nothing to try again"), ("in_flight", "nothing to try again"), ("conflict", "propose to push")],
)
def test_only_what_waits_or_is_dead_is_tried_again(mike: User, state: str, words: str) -> None:
    push = approved_push(mike, "ada")
    PendingPush.objects.update(status=state)

    answer = intervention.retry(push.pk, "person:mike")

    assert not answer.done
    assert words in answer.message
    assert status(push) == state


def test_an_old_push_does_not_overwrite_a_newer_one(mike: User) -> None:
    old = approved_push(mike, "1", external_id="cs-cus-ada")
    PendingPush.objects.update(status="dead")
    approved_push(mike, "2", external_id="cs-cus-ada")

    answer = intervention.retry(old.pk, "person:mike")

    assert not answer.done
    assert "newer push" in answer.message


def test_a_linked_record_is_changed_instead_of_doubled(sandbox: Sandbox, mike: User) -> None:
    CustomerFactory(id="cs-cus-ada", ns_id=None, prospect=True)
    ns_id = new_record("customer", companyName="Ada's old kitchen")
    push = approved_push(mike, "ada")

    answer = link(push, ns_id)
    assert answer == Answer(done=True, message=f"Linked to customer {ns_id} (Ada's old kitchen); it is changed now.")
    deliver_pushes()

    (record,) = sandbox.records("customer")
    assert status(push) == "applied"
    assert as_approved(record) == CUSTOMER
    assert Customer.objects.get().ns_id == ns_id == record["id"]


def test_what_is_changed_after_linking_is_a_conflict(sandbox: Sandbox, mike: User, hands: Hands) -> None:
    CustomerFactory(id="cs-cus-ada", ns_id=None, prospect=True)
    ns_id = new_record("customer", companyName="Ada's old kitchen")
    push = approved_push(mike, "ada")
    link(push, ns_id)
    hands.forward()
    edit("customer", ns_id, email="their@example.com")

    deliver_pushes()

    assert status(push) == "conflict"


def test_a_conflict_can_be_linked_to_the_record_that_took_its_place(sandbox: Sandbox, mike: User) -> None:
    CustomerFactory(id="4711", ns_id="4711")
    push = approved_push(mike, "x", external_id="4711")
    deliver_pushes()
    assert status(push) == "conflict"

    assert link(push, new_record("customer", companyName="Merged")).done
    deliver_pushes()

    assert status(push) == "applied"


def test_linking_a_conflict_does_not_overwrite_the_change_made_in_netsuite(
    sandbox: Sandbox, mike: User, hands: Hands
) -> None:
    ns_id = new_record("customer", companyName="Old name")
    other = new_record("customer", companyName="Other name")
    CustomerFactory(id=ns_id, ns_id=ns_id, lastmodifieddate=modified("customer", ns_id))
    push = approved_push(mike, "x", external_id=ns_id, expected_modified=modified("customer", ns_id))
    hands.forward()
    edit("customer", ns_id, email="their@example.com")
    deliver_pushes()

    answers = [link(push, ns_id), link(push, other)]
    deliver_pushes()

    assert [answer.done for answer in answers] == [False, False]
    assert "propose to push it anyway" in answers[0].message
    assert status(push) == "conflict"
    assert sandbox.records("customer")[0]["email"] == "their@example.com"


def test_linking_does_not_bring_old_values_over_newer_ones(sandbox: Sandbox, mike: User) -> None:
    CustomerFactory(id="cs-cus-ada", ns_id=None, prospect=True)
    old = approved_push(mike, "1", external_id="cs-cus-ada")
    PendingPush.objects.update(status="dead")
    record = {**CUSTOMER, "email": "newer@example.com"}
    approved_push(mike, "2", external_id="cs-cus-ada", record=record)
    deliver_pushes()

    answer = link(old, new_record("customer", companyName="Another"))

    assert not answer.done
    assert "newer push" in answer.message
    assert status(old) == "dead"


def test_what_is_linked_already_is_not_linked_again(sandbox: Sandbox, mike: User) -> None:
    ns_id = new_record("customer", companyName="Old name")
    CustomerFactory(id=ns_id, ns_id=ns_id, lastmodifieddate=modified("customer", ns_id))
    push = approved_push(mike, "x", external_id=ns_id, expected_modified=modified("customer", ns_id))

    assert link(push, ns_id).message == f"It is customer {ns_id} already; there is nothing to link."


def test_linking_refuses_with_a_sentence(sandbox: Sandbox, mike: User) -> None:
    CustomerFactory(id="cs-cus-ada", ns_id=None)
    ns_id = new_record("customer", companyName="Bob")
    CustomerFactory(id=ns_id, ns_id=ns_id, lastmodifieddate=modified("customer", ns_id))
    push = approved_push(mike, "ada")
    nowhere = approved_push(mike, "nowhere")
    vendor = approved_push(mike, "v", record_type="vendor")

    assert link(push, "99999").message == "NetSuite has no customer 99999."
    assert "go on with that one" in link(push, ns_id).message
    assert "no row for cs-cus-nowhere" in link(nowhere, ns_id).message
    assert "no rows of vendor" in link(vendor, ns_id).message
    PendingPush.objects.filter(pk=push.pk).update(status="applied")
    assert "arrived already" in link(push, ns_id).message
    assert Customer.objects.get(pk="cs-cus-ada").ns_id is None


def test_linking_without_netsuite_says_so(mike: User) -> None:
    CustomerFactory(id="cs-cus-ada", ns_id=None)
    push = approved_push(mike, "ada")

    assert "could not be asked" in link(push, "1").message

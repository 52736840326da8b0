"""The push queue in the console: what it shows, and that only POSTs of approvers do something."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from approvals import services
from approvals.models import ProposedAction, Verdict
from tests.factories import CustomerFactory
from tests.integration.admin.conftest import browser
from tests.integration.netsuite.pushes import approved_push, modified, new_record, status
from tests.world import World, load_contracts
from workflows_app.models import Customer, PendingPush, WorkflowRun
from workflows_app.netsuite.push import deliver_pushes
from workflows_app.netsuite.sandbox.server import Sandbox

ACTIONS = ("retry", "link", "again")


def url(action: str, push: PendingPush) -> str:
    return reverse(f"admin:push_{action}", args=[push.pk])


def page(push: PendingPush) -> str:
    return reverse("admin:workflows_app_pendingpush_change", args=[push.pk])


@pytest.fixture
def push(mike: User) -> PendingPush:
    return approved_push(mike, "ada")


def test_the_list_says_what_netsuite_said(console: Client, push: PendingPush) -> None:
    PendingPush.objects.update(status="dead", last_error="PUT customer: 400 USER_ERROR Please enter a name")

    text = console.get(reverse("admin:workflows_app_pendingpush_changelist")).content.decode()

    assert "Please enter a name" in text
    assert "cs-cus-ada" in text


def test_the_page_shows_the_record_and_netsuites_own_words(console: Client, push: PendingPush) -> None:
    PendingPush.objects.update(status="dead", attempts=3, answer='{"o:errorDetails": "<b>no</b>"}')

    text = console.get(page(push)).content.decode()

    assert "12,500.50" in text or "12500.50" in text
    assert "1 Main St" in text
    assert "3 failed attempts" in text
    assert "&lt;b&gt;no&lt;/b&gt;" in text
    assert "Try again now" in text
    assert "Link to existing record" in text
    assert "push it anyway" not in text


def test_a_payload_that_is_no_record_is_shown_as_it_is(console: Client, push: PendingPush) -> None:
    PendingPush.objects.update(payload="not json")

    assert "not json" in console.get(page(push)).content.decode()


def test_whoever_may_not_decide_sees_no_buttons(viewer: Client, push: PendingPush) -> None:
    text = viewer.get(page(push)).content.decode()

    assert "Try again now" not in text
    assert "You can look, but not decide" in text


@pytest.mark.parametrize("action", ACTIONS)
def test_a_get_does_nothing(console: Client, push: PendingPush, action: str) -> None:
    assert console.get(url(action, push)).status_code == 405


@pytest.mark.parametrize("action", ACTIONS)
def test_only_approvers_act(viewer: Client, superuser: Client, sales: Client, push: PendingPush, action: str) -> None:
    PendingPush.objects.update(status="dead", attempts=3)

    for client in (viewer, superuser, sales):
        assert client.post(url(action, push), {"ns_id": "5"}).status_code == 403
    assert client.post(url(action, push)).status_code == 403
    assert (status(push), push.attempts) == ("dead", 3)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_post_without_its_token_is_forbidden(mike: User, push: PendingPush, action: str) -> None:
    client = browser(mike, enforce_csrf_checks=True)

    assert client.post(url(action, push), {"ns_id": "5"}).status_code == 403


@pytest.mark.parametrize("action", ACTIONS)
def test_a_push_that_is_not_there_is_not_found(console: Client, action: str) -> None:
    assert console.post(reverse(f"admin:push_{action}", args=["nope"]), {"ns_id": "5"}).status_code == 404


def test_trying_again_rings(console: Client, push: PendingPush) -> None:
    PendingPush.objects.update(status="dead", attempts=3)
    before = OrmQ.objects.count()

    answer = console.post(url("retry", push), follow=True).content.decode()

    assert "It is tried again now." in answer
    assert (status(push), push.attempts) == ("retrying", 0)
    assert OrmQ.objects.count() == before + 1


@pytest.mark.parametrize("ns_id", ["", "abc", "1/../2", "eid:x", "٣"])
def test_a_link_takes_an_internal_id_only(console: Client, push: PendingPush, ns_id: str) -> None:
    answer = console.post(url("link", push), {"ns_id": ns_id}, follow=True).content.decode()

    assert "internal id of the record, a number" in answer


def test_a_push_is_linked_to_an_existing_record(console: Client, push: PendingPush, sandbox: Sandbox) -> None:
    CustomerFactory(id="cs-cus-ada", ns_id=None, prospect=True)
    ns_id = new_record("customer", companyName="Ada")

    answer = console.post(url("link", push), {"ns_id": f" {ns_id} "}, follow=True).content.decode()

    assert f"Linked to customer {ns_id} (Ada)" in answer
    assert Customer.objects.get().ns_id == ns_id


def test_only_a_conflict_is_proposed_anew(console: Client, push: PendingPush, sandbox: Sandbox) -> None:
    answer = console.post(url("again", push), follow=True).content.decode()

    assert "nothing to propose anew" in answer
    assert not ProposedAction.objects.filter(status="pending").exists()


def test_pushing_a_conflict_anyway_is_a_decision_of_its_own(
    console: Client, mike: User, sandbox: Sandbox, run: WorkflowRun
) -> None:
    ns_id = new_record("customer", companyName="Old", email="their@example.com")
    CustomerFactory(id=ns_id, ns_id=ns_id)
    push = approved_push(mike, "ada", external_id=ns_id, expected_modified=modified("customer", ns_id))
    PendingPush.objects.update(status="conflict", run_id=run.pk)

    card = console.post(url("again", push), follow=True)
    text = card.content.decode()
    assert "email is &#x27;their@example.com&#x27; and was to be &#x27;ada@example.com&#x27;" in text
    console.post(url("again", push))
    (proposal,) = ProposedAction.objects.filter(status="pending", action_type="netsuite_push_anyway")
    assert deliver_pushes().applied == 0

    result = services.decide(proposal.pk, Verdict.APPROVE, user=mike, channel="test", digest=proposal.digest)
    assert result.outcome == "approved", result.message
    assert deliver_pushes().applied == 1

    (record,) = sandbox.records("customer")
    assert record["email"] == "ada@example.com"
    assert status(push) == "conflict"


@pytest.fixture
def run(mike: User) -> WorkflowRun:
    """A run that pushes may belong to."""
    load_contracts()
    inputs = {
        "company_name": "Ada's Kitchen", "contact_email": "ada@example.com", "contact_phone": "518 555 0101",
        "billing_address": "1 Main St",
    }  # fmt: skip
    return World(mike=mike).start("new_customer", inputs)

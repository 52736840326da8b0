"""Mike sees what came in and why it was sorted so, and says what it is."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.company import customer, invoice
from tests.letters_in import letter
from tests.world import World
from workflows_app.inbox.intake import take_in
from workflows_app.models import Customer, Event, InboundEmail, Transaction, TriageCorrection, WorkflowRun

LIST = reverse("admin:workflows_app_inboundemail_changelist")
CORRECTIONS = reverse("admin:workflows_app_triagecorrection_changelist")
CORRECTION = "admin:workflows_app_triagecorrection_change"


@pytest.fixture
def client(mike: User) -> Client:
    """Mike at the console, where every POST needs its token."""
    mike.is_staff = mike.is_superuser = True
    mike.save()
    client = Client()
    client.force_login(mike)
    return client


@pytest.fixture
def oak(world: World) -> Customer:
    return customer("Oak School")


@pytest.fixture
def disputed(oak: Customer) -> Transaction:
    return invoice(oak, "120.00", overdue=5)


@pytest.fixture
def unsure(oak: Customer, disputed: Transaction) -> InboundEmail:
    """A message that waits."""
    taken = take_in(letter("Something is <b>wrong</b> here", sender="new@oak.example", subject="Delivery"))
    return InboundEmail.objects.get(pk=taken.email_uuid)


def page(row: InboundEmail) -> str:
    return reverse("admin:workflows_app_inboundemail_change", args=[row.pk])


def say(client: Client, row: InboundEmail, **typed: str) -> Any:
    said = {"classification": "invoice_dispute", "customer_id": "", "invoice_ref": "", **typed}
    return client.post(reverse("admin:mail_correct", args=[row.pk]), said)


def test_the_page_marks_the_deciding_words_and_escapes_the_rest(client: Client, unsure: InboundEmail) -> None:
    text = client.get(page(unsure)).content.decode()

    assert "<mark>wrong</mark>" in text
    assert "&lt;b&gt;" in text
    assert "waits for you" in text


def test_what_mike_says_is_kept_and_starts_the_dispute(
    client: Client, world: World, oak: Customer, disputed: Transaction, unsure: InboundEmail
) -> None:
    answer = say(client, unsure, customer_id="oak school", invoice_ref=disputed.tranid)
    world.work()

    run = WorkflowRun.objects.get()
    assert answer.status_code == 302
    assert run.status == "awaiting_approval"
    assert TriageCorrection.objects.get().corrected_by == "person:mike"
    text = client.get(page(unsure)).content.decode()
    assert reverse("admin:workflows_app_workflowrun_change", args=[run.pk]) in text
    assert "It went on already" in text
    assert reverse("admin:workflows_app_workflowrun_change", args=[run.pk]) in client.get(LIST).content.decode()


def test_sending_the_form_twice_starts_one_run(client: Client, world: World, unsure: InboundEmail) -> None:
    say(client, unsure)

    assert say(client, unsure).status_code == 422
    assert (Event.objects.count(), TriageCorrection.objects.count()) == (1, 1)


def test_what_cannot_be_taken_is_said_with_what_was_typed(client: Client, unsure: InboundEmail) -> None:
    answer = say(client, unsure, customer_id="Nobody Inc", invoice_ref="INV-GHOST")

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "There is no customer with the id Nobody Inc" in text
    assert 'value="INV-GHOST"' in text
    assert not TriageCorrection.objects.exists()


def test_a_name_that_two_customers_have_is_asked_about(client: Client, unsure: InboundEmail) -> None:
    customer("Oak School")

    assert "more than one" in say(client, unsure, customer_id="Oak School").content.decode()


def test_who_may_not_decide_may_not_say_it(unsure: InboundEmail) -> None:
    clerk = User.objects.create_superuser("clerk")
    visitor = Client()
    visitor.force_login(clerk)

    assert say(visitor, unsure).status_code == 403
    assert "You can look" in visitor.get(page(unsure)).content.decode()
    assert not TriageCorrection.objects.exists()


def test_a_get_of_the_correction_changes_nothing(client: Client, unsure: InboundEmail) -> None:
    assert client.get(reverse("admin:mail_correct", args=[unsure.pk])).status_code == 405


def test_the_triage_list_has_what_waits(client: Client, unsure: InboundEmail, oak: Customer) -> None:
    take_in(letter("We will pay by Friday", sender=str(oak.email), subject="Promise", message_id="<2@x.example>"))

    text = client.get(LIST, {"triage": "waiting"}).content.decode()

    assert "Delivery" in text
    assert "Promise" not in text


def test_what_was_said_reads_as_words(client: Client, unsure: InboundEmail, oak: Customer) -> None:
    say(client, unsure, classification="payment_promise", customer_id=oak.pk)

    text = client.get(page(unsure)).content.decode()
    assert "About Invoice dispute → Promise to pay" in text
    assert "Customer none → Oak School" in text
    assert "no workflow was started by it" in text
    for url in (CORRECTIONS, reverse(CORRECTION, args=[TriageCorrection.objects.get().pk])):
        answer = client.get(url).content.decode()
        assert "About: Invoice dispute → Promise to pay" in answer
        assert "person:mike" not in answer
    context = client.get(reverse(CORRECTION, args=[TriageCorrection.objects.get().pk])).context
    assert (context["title"], str(context["original"])) == ("Triage correction", unsure.subject)


def test_an_empty_list_says_what_would_stand_there(client: Client) -> None:
    assert "Mail stands here that came to the mailbox" in client.get(LIST).content.decode()
    assert "Nothing matches" in client.get(LIST, {"triage": "waiting"}).content.decode()


def test_the_list_takes_the_same_queries_for_twice_as_many(client: Client, unsure: InboundEmail) -> None:
    counts = []
    for first in (0, 10):
        for number in range(first, first + 10):
            take_in(letter("We dispute invoice INV1", subject=str(number), message_id=f"<n{number}@x.example>"))
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        counts.append(len(captured))

    assert counts[0] == counts[1]

"""What a language model makes of a run's memory: one row beside what was recorded, after the run, or nothing."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ
from pytest_django import Settings

from tests.company import customer
from tests.language_model import Answer, Model
from tests.world import World, ago, status
from workflows_app import tasks
from workflows_app.models import DraftedText, ReflexionLog, WorkflowRun
from workflows_app.runner import reflexion

DISPUTE = "customer_invoice_dispute"
SAID = "This was a dispute, and it was rejected."


@pytest.fixture
def model(listening: Model, settings: Settings) -> Model:
    """It answers well, and the settings lead to it."""
    listening.says = lambda text: Answer(SAID)
    listening.heard.clear()
    settings.DRAFTING = listening.settings()
    return listening


@pytest.fixture
def ended(world: World, model: Model, settings: Settings) -> WorkflowRun:
    """A rejected run whose reflexion asks for a summary; its letter is the template's."""
    oak = customer("Oak School")
    OrmQ.objects.all().delete()
    settings.DRAFTING = model.settings(URL="", MODEL="")
    run = world.start(DISPUTE, {"email_uuid": "m-1", "customer_id": oak.pk, "reason_text": "40, not 4"})
    settings.DRAFTING = model.settings()
    world.decide(world.gate(run), "reject", reason="call 555-0100 first")
    assert status(run) == "rejected"
    return run


@pytest.fixture
def desk(world: World, client: Client) -> Client:
    """Mike's browser."""
    User.objects.filter(pk=world.mike.pk).update(is_staff=True)
    client.force_login(world.mike)
    return client


def test_the_run_ends_without_waiting_and_rings_for_the_summary(ended: WorkflowRun, model: Model) -> None:
    assert model.heard == []
    assert "workflows_app.tasks.draft_reflexion" in {doorbell.func() for doorbell in OrmQ.objects.all()}


def test_the_summary_stands_beside_what_was_recorded(ended: WorkflowRun, model: Model, desk: Client) -> None:
    recorded = ReflexionLog.objects.get(pk=ended.pk).narrative

    tasks.draft_reflexion(ended.pk)
    tasks.draft_reflexion(ended.pk)

    page = desk.get(reverse("admin:workflows_app_workflowrun_change", args=[ended.pk])).content.decode()
    assert ReflexionLog.objects.get(pk=ended.pk).narrative == recorded
    assert SAID in page
    assert "drafted by a language model, check it" in page
    assert len(model.heard) == 1
    assert "555" not in model.texts[0]


def test_nonsense_leaves_what_was_recorded(ended: WorkflowRun, model: Model, desk: Client) -> None:
    model.says = lambda text: Answer("It cost $9,999.")

    assert reflexion.draft(ended.pk, ago())

    page = desk.get(reverse("admin:workflows_app_workflowrun_change", args=[ended.pk])).content.decode()
    assert DraftedText.objects.get().refusal == "the draft has a figure that was not given"
    assert "Oak School" in page
    assert "drafted by a language model" not in page


def test_switched_off_meanwhile_nothing_is_asked(ended: WorkflowRun, model: Model, settings: Settings) -> None:
    settings.DRAFTING = model.settings(URL="", MODEL="")

    assert not reflexion.draft(ended.pk, ago())
    assert model.heard == []

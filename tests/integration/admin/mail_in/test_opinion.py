"""A second opinion on a message that waits: a suggestion on its page, asked for by a person, changing nothing."""

import json
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.factories import InboundEmailFactory
from tests.integration.admin.conftest import browser
from tests.integration.admin.test_get_safety import fingerprint
from tests.language_model import Answer, Model, language_model
from workflows_app.models import InboundEmail
from workflows_app.models.mirror.mail import ROUTED, WAITING


@pytest.fixture(scope="module")
def listening() -> Iterator[Model]:
    """A model that takes everything for a dispute."""
    answer = Answer(json.dumps({"class": "invoice_dispute", "words": ["is wrong"]}))
    with language_model(lambda text: answer) as model:
        yield model


@pytest.fixture
def model(listening: Model, settings: Settings) -> Model:
    """The settings lead to it, and let it see mail."""
    listening.heard.clear()
    settings.DRAFTING = listening.settings(TRIAGE=True)
    return listening


@pytest.fixture
def unsure(db: None) -> InboundEmail:
    """A message that waits."""
    return InboundEmailFactory(text="Your invoice is wrong.", classification="other", triage=WAITING)


def page(client: Client, row: InboundEmail) -> str:
    """The page of a message."""
    return client.get(reverse("admin:workflows_app_inboundemail_change", args=[row.pk])).content.decode()


def ask(client: Client, row: InboundEmail) -> tuple[int, str]:
    """Press the button."""
    answer = client.post(reverse("admin:mail_opinion", args=[row.pk]))
    return answer.status_code, answer.content.decode()


def test_the_opinion_stands_above_the_form_and_changes_no_row(
    console: Client, model: Model, unsure: InboundEmail
) -> None:
    assert "Ask for a second opinion" in page(console, unsure)
    assert model.heard == []
    before = fingerprint()

    status, shown = ask(console, unsure)

    assert status == 200
    assert "A language model takes it for <strong>Invoice dispute</strong>, by “is wrong”" in shown
    assert fingerprint() == before


def test_without_its_switch_nobody_is_asked(
    console: Client, model: Model, unsure: InboundEmail, settings: Settings
) -> None:
    settings.DRAFTING = model.settings(TRIAGE=False)

    assert "second opinion" not in page(console, unsure)
    assert ask(console, unsure)[0] == 403
    assert model.heard == []


def test_only_who_decides_asks_and_only_about_what_waits(
    console: Client, viewer: Client, model: Model, unsure: InboundEmail, mike: User
) -> None:
    assert ask(viewer, unsure)[0] == 403
    assert console.get(reverse("admin:mail_opinion", args=[unsure.pk])).status_code == 405
    InboundEmail.objects.update(triage=ROUTED)

    assert ask(browser(mike), unsure)[0] == 403
    assert model.heard == []

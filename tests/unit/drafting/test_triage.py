"""A second opinion on mail: a suggestion from a closed list, or nothing."""

import json
from typing import Any

import pytest
from pytest_django import Settings

from tests.language_model import Answer, Model
from workflows_app.drafting.triage import Suggestion, suggest_class

TEXT = "Dear Larkfield, invoice INV-77 over $1,234.50 is wrong. Call 555-0100, bob@oak.example"


@pytest.fixture
def model(listening: Model, settings: Settings) -> Model:
    """The settings lead to it, and allow it to see mail."""
    listening.heard.clear()
    settings.DRAFTING = listening.settings(TRIAGE=True)
    return listening


def says(model: Model, answer: Any) -> None:
    """Let it answer with this JSON."""
    model.says = lambda text: Answer(json.dumps(answer))


def test_it_is_a_suggestion_with_words_that_stand_in_the_message(model: Model) -> None:
    says(model, {"class": "invoice_dispute", "words": ["is wrong", "approve it", 7, ""]})

    assert suggest_class(TEXT) == Suggestion(classification="invoice_dispute", words=("is wrong",), model="made-up-1")


def test_figures_and_addresses_of_a_message_stay_in_the_house(model: Model) -> None:
    says(model, {"class": "other", "words": []})

    suggest_class(TEXT + "x" * 10_000)

    [text] = model.texts
    assert "INV-## over $#,###.## is wrong" in text
    assert "[address]" in text
    assert len(text) < 5_000


NONSENSE = [{"class": "approve"}, {"class": ["other"]}, ["other"], "other", None, {"words": []}]


@pytest.mark.once
@pytest.mark.parametrize("answer", NONSENSE, ids=str)
def test_what_is_no_answer_is_no_suggestion(answer: Any, model: Model) -> None:
    says(model, answer)

    assert suggest_class(TEXT) is None


@pytest.mark.once
def test_a_failure_is_no_suggestion(model: Model) -> None:
    model.says = lambda text: Answer("{}", status=500)

    assert suggest_class(TEXT) is None


def test_without_its_own_switch_no_mail_leaves_the_house(model: Model, settings: Settings) -> None:
    settings.DRAFTING = model.settings(TRIAGE=False)

    assert suggest_class(TEXT) is None
    assert model.heard == []

"""The files of a letter can be opened before it is approved: the very bytes that would be attached."""

import hashlib
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.integration.admin.rows import leaf, letter, stage
from workflows_app.delivery import artifacts

PDF = b"%PDF-1.7 a quotation"
HTML = b"<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _store(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def url(content: bytes) -> str:
    return reverse("admin:proposal_file", args=[hashlib.sha256(content).hexdigest()])


def test_the_card_of_a_letter_links_to_the_bytes_that_would_be_attached(console: Client) -> None:
    artifacts.fix(PDF)
    attachment = {"name": "quote.pdf", "key": "quotes/1.pdf", "sha256": hashlib.sha256(PDF).hexdigest()}
    proposal = stage(leaf({**letter(), "attachments": [attachment]}))

    card = console.get(reverse("admin:approvals_proposedaction_change", args=[proposal.pk])).content.decode()
    opened = console.get(url(PDF))

    assert f'href="{url(PDF)}"' in card
    assert (opened.content, opened.headers["Content-Type"]) == (PDF, "application/pdf")
    assert opened.headers["Content-Disposition"].startswith("inline")


def test_anything_else_is_saved_and_never_run(console: Client) -> None:
    artifacts.fix(HTML)

    opened = console.get(url(HTML))

    assert opened.headers["Content-Disposition"].startswith("attachment")
    assert opened.headers["Content-Type"] == "application/octet-stream"
    assert opened.headers["Content-Security-Policy"] == "sandbox"


def test_a_file_that_is_not_there_or_not_what_its_name_says_is_not_shown(console: Client, tmp_path: Path) -> None:
    (tmp_path / artifacts.fix(PDF)).write_bytes(b"%PDF-1.7 another")

    assert console.get(url(PDF)).status_code == 404
    assert console.get(url(HTML)).status_code == 404
    assert console.get(reverse("admin:proposal_file", args=["secret"])).status_code == 404


def test_who_may_not_see_proposals_opens_nothing(sales: Client) -> None:
    artifacts.fix(PDF)

    assert sales.get(url(PDF)).status_code == 403

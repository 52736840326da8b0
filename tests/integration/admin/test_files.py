"""The files of a letter can be opened before it is approved: the very bytes that would be attached."""

import hashlib
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from approvals.canonical import canonical
from tests.integration.admin.rows import leaf, letter, stage, start_new_customer
from workflows_app.delivery import artifacts
from workflows_app.models import WorkflowRun, WorkflowStep

PDF = b"%PDF-1.7 a quotation"
HTML = b"<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _store(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def url(content: bytes) -> str:
    return reverse("admin:proposal_file", args=[hashlib.sha256(content).hexdigest()])


def test_the_card_of_a_letter_links_to_the_bytes_that_would_be_attached(console: Client) -> None:
    artifacts.fix(PDF)
    attachment = {"name": "quote 26-27.pdf", "key": "quotes/1.pdf", "sha256": hashlib.sha256(PDF).hexdigest()}
    proposal = stage(leaf({**letter(), "attachments": [attachment]}))

    card = console.get(reverse("admin:approvals_proposedaction_change", args=[proposal.pk])).content.decode()
    opened = console.get(f"{url(PDF)}?name=quote%2026-27.pdf")

    assert f'href="{url(PDF)}?name=quote%2026-27.pdf"' in card
    assert (opened.content, opened.headers["Content-Type"]) == (PDF, "application/pdf")
    assert opened.headers["Content-Disposition"] == 'inline; filename="quote 26-27.pdf"'


def test_anything_else_is_saved_and_never_run(console: Client) -> None:
    artifacts.fix(HTML)

    opened = console.get(f"{url(HTML)}?name=../run.exe")

    assert opened.headers["Content-Disposition"] == f'attachment; filename="{hashlib.sha256(HTML).hexdigest()[:12]}"'
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


@pytest.mark.usefixtures("contracts")
def test_the_file_of_a_step_is_linked_from_its_run_and_shown(console: Client) -> None:
    run, record = produced(PDF)

    page = console.get(reverse("admin:workflows_app_workflowrun_change", args=[run.pk])).content.decode()
    opened = console.get(step_url(run, record))

    assert f'href="{step_url(run, record)}"' in page
    assert opened.content == PDF
    assert opened.headers["Content-Type"] == "application/pdf"
    assert opened.headers["Content-Disposition"] == 'inline; filename="1.pdf"'
    assert opened.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.usefixtures("contracts")
def test_a_later_revision_is_not_shown_as_the_file_of_an_earlier_run(console: Client) -> None:
    run, record = produced(PDF)
    artifacts.store("quotes/1.pdf", b"%PDF-1.7 another price")

    assert console.get(step_url(run, record)).status_code == 404

    artifacts.fix(PDF)
    assert console.get(step_url(run, record)).content == PDF


@pytest.mark.usefixtures("contracts")
def test_a_step_shows_files_of_its_own_run_only(console: Client, sales: Client) -> None:
    run, record = produced(PDF)
    other = start_new_customer("Elm Street School")
    without = WorkflowStep.objects.create(run=run, position=8, step="other", kind="http_call")

    assert console.get(step_url(other, record)).status_code == 404
    assert console.get(step_url(run, without)).status_code == 404
    assert sales.get(step_url(run, record)).status_code == 403


def test_a_store_that_is_away_is_said(console: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "read", Mock(side_effect=ConnectionRefusedError("no store")))

    answer = console.get(url(PDF))

    assert answer.status_code == 503
    assert b"does not answer now" in answer.content


@pytest.mark.parametrize("name", ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "a" * 64 + "/..", "A" * 64])
def test_an_address_is_a_hash_and_no_path(console: Client, name: str) -> None:
    assert console.get(f"/approvals/proposedaction/file/{name}/").status_code in (302, 400, 404)


def produced(content: bytes) -> tuple[WorkflowRun, WorkflowStep]:
    """A run with a step that has stored `content`."""
    artifact = artifacts.store("quotes/1.pdf", content)
    output = {"status": 200, "artifact": {"key": artifact.key, "sha256": artifact.sha256, "size": artifact.size}}
    run = start_new_customer()
    made = {"step": "render_pdf", "kind": "http_call", "status": "done", "output": canonical(output)}
    return run, WorkflowStep.objects.create(run=run, position=9, **made)


def step_url(run: WorkflowRun, record: WorkflowStep) -> str:
    return reverse("admin:run_file", args=[run.pk, record.pk])

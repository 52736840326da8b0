"""A call breaks off, or what it produced cannot be stored: the step says so, and tries again when that may help."""

from unittest.mock import Mock

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.db import InterfaceError, OperationalError

from approvals.clock import database_now
from tests import endpoints
from tests.company import customer, item, quote_request
from tests.world import World, status
from workflows_app.delivery import artifacts, http
from workflows_app.models import Quote, WorkflowRun, WorkflowStep
from workflows_app.runner import call
from workflows_app.runner.advance import advance

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def run(world: World) -> WorkflowRun:
    """An approved quote with a PDF, not worked on yet."""
    item("MILK")
    run = world.start("customer_quote", quote_request(customer("Oak School"), "MILK", include_pdf=True))
    assert world.decide(world.gate(run)).outcome == "approved"
    return run


def step(run: WorkflowRun) -> WorkflowStep:
    return WorkflowStep.objects.get(run=run, step="render_pdf")


def attempt(run: WorkflowRun) -> None:
    """Advance as soon as the run may be."""
    run.refresh_from_db()
    advance(run.pk, now=run.wake_at or database_now())
    run.refresh_from_db()


@pytest.mark.parametrize("trouble", [PermissionError("disk is read-only"), OSError(28, "No space"), LookupError("S3")])
def test_a_store_that_fails_is_tried_again_and_said_to_be_the_store(
    run: WorkflowRun, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    monkeypatch.setattr(artifacts.default_storage, "save", Mock(side_effect=trouble))

    attempt(run), attempt(run), attempt(run)

    failed = step(run)
    assert (run.status, failed.status, failed.attempts) == ("partial", "failed", 3)
    assert failed.error == f"the artifact store failed: {type(trouble).__name__}: {trouble}"


def test_what_was_produced_is_stored_when_the_store_works_again(
    world: World, run: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(artifacts.default_storage, "save", Mock(side_effect=PermissionError("disk is read-only")))
        attempt(run)

    world.work(now=run.wake_at)

    assert status(run) == "completed"
    assert artifacts.read(f"quotes/{Quote.objects.get().pk}.pdf") == endpoints.PDF


@pytest.mark.parametrize("refusal", [artifacts.ArtifactError("no such key"), SuspiciousFileOperation("outside")])
def test_what_the_store_refuses_is_not_tried_again(
    run: WorkflowRun, monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    monkeypatch.setattr(artifacts.default_storage, "save", Mock(side_effect=refusal))

    attempt(run)

    assert (run.status, step(run).attempts) == ("partial", 1)
    assert step(run).error == f"what was produced cannot be stored: {refusal}"


def test_a_defect_in_a_call_fails_its_step_and_is_not_repeated(
    run: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "call", Mock(side_effect=ZeroDivisionError("oops")))

    attempt(run)

    assert (run.status, step(run).status, step(run).attempts) == ("partial", "failed", 1)
    assert step(run).error == "ZeroDivisionError: oops"


@pytest.mark.parametrize("trouble", [OperationalError, InterfaceError])
def test_a_call_without_the_database_is_tried_again(
    run: WorkflowRun, monkeypatch: pytest.MonkeyPatch, trouble: type[Exception]
) -> None:
    monkeypatch.setattr(http, "call", Mock(side_effect=trouble("the connection was closed")))

    attempt(run)

    assert (run.status, step(run).status) == ("retrying", "retrying")


def test_a_call_that_outlived_its_lease_with_its_file_says_so(
    run: WorkflowRun, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([0.0, 121.0])
    monkeypatch.setattr(call, "time", Mock(monotonic=lambda: next(seconds)))

    attempt(run)

    assert "/api/quote/pdf and its file took 121 s; LEASE_SECONDS is 120" in caplog.text
    assert status(run) == "completed"


def test_a_call_within_its_lease_says_nothing(run: WorkflowRun, caplog: pytest.LogCaptureFixture) -> None:
    attempt(run)

    assert "LEASE_SECONDS" not in caplog.text

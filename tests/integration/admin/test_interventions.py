"""The run's page: attempts in words, and what an approver does about a run by POST."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from approvals.models import Decision, ProposedAction
from tests import endpoints
from tests.integration.admin.conftest import browser
from tests.integration.admin.test_get_safety import fingerprint
from tests.integration.runner.interventions import quote_without_pdf
from tests.world import World, load_contracts, status, steps
from workflows_app.models import WorkflowRun

ACTIONS = ("retry", "skip", "cancel")
ALL = {"step": "render_pdf", "seen": "1", "reason": "sent by hand", "confirm": "yes"}


@pytest.fixture
def world(mike: User) -> World:
    """All contracts, and mike who may open the console."""
    load_contracts()
    return World(mike=mike)


@pytest.fixture
def run(world: World, site: endpoints.Site) -> WorkflowRun:
    """A quote whose PDF failed once and waits for its second attempt."""
    return quote_without_pdf(world, site, 503)


def url(action: str, run: WorkflowRun) -> str:
    return reverse(f"admin:run_{action}", args=[run.pk])


def page(client: Client, run: WorkflowRun) -> str:
    answer = client.get(reverse("admin:workflows_app_workflowrun_change", args=[run.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, action: str, run: WorkflowRun, **changes: str) -> str:
    return client.post(url(action, run), {**ALL, **changes}, follow=True).content.decode()


def test_the_page_says_how_the_attempts_stand(console: Client, run: WorkflowRun) -> None:
    text = page(console, run)

    assert "attempt 1 of 3, next " in text
    assert "503" in text
    for words in ("Retry now", "Skip “Render PDF”", "Cancel this run"):
        assert words in text


def test_the_list_of_steps_says_it_too(console: Client, run: WorkflowRun) -> None:
    text = console.get(reverse("admin:workflows_app_workflowstep_changelist")).content.decode()

    assert "attempt 1 of 3, next " in text


def test_retry_now_tries_at_once(console: Client, world: World, run: WorkflowRun) -> None:
    assert "It is tried again now." in post(console, "retry", run)
    world.work()

    assert status(run) == "completed"
    assert "done at attempt 2 of 3" in page(console, run)
    assert "Cancel this run" not in page(console, run)


def test_skipping_asks_for_a_reason(console: Client, run: WorkflowRun) -> None:
    assert "Skipping needs a reason." in post(console, "skip", run, reason=" ")
    assert "Skipped." in post(console, "skip", run)
    assert steps(run)["render_pdf"] == "skipped"
    assert "Skipped by mike: sent by hand" in page(console, run)


def test_cancelling_asks_once_more(console: Client, run: WorkflowRun) -> None:
    assert "Tick that you want to cancel" in post(console, "cancel", run, confirm="")
    assert status(run) == "retrying"

    assert "3 steps done before stay done." in post(console, "cancel", run)
    assert status(run) == "cancelled"


def test_the_decision_is_shown_like_any_other(console: Client, run: WorkflowRun) -> None:
    post(console, "cancel", run)
    record = ProposedAction.objects.get(action_type="run_intervention")

    card = console.get(reverse("admin:approvals_proposedaction_change", args=[record.pk])).content.decode()

    assert "This was approved." in card
    assert "sent by hand" in card
    assert "Nothing more of this run is done." in card
    assert "What will happen when you approve" not in card
    assert record.title in page(console, run)
    assert Decision.objects.get(proposal=record).channel == "admin"


@pytest.mark.parametrize("action", ACTIONS)
def test_going_back_and_posting_again_does_nothing(console: Client, run: WorkflowRun, action: str) -> None:
    post(console, action, run)
    before = fingerprint()

    post(console, action, run)

    after = fingerprint()
    assert {name for name in after if after[name] != before[name]} <= {"sessions.Session", "django_session"}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_get_changes_nothing(console: Client, run: WorkflowRun, action: str) -> None:
    before = fingerprint()

    assert console.get(url(action, run), ALL).status_code == 405

    assert fingerprint() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_a_post_without_its_token_is_forbidden(mike: User, run: WorkflowRun, action: str) -> None:
    assert browser(mike, enforce_csrf_checks=True).post(url(action, run), ALL).status_code == 403
    assert status(run) == "retrying"


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("who", ["viewer", "superuser", "sales"])
def test_only_approvers_intervene(run: WorkflowRun, action: str, who: str, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)

    assert client.post(url(action, run), ALL).status_code == 403
    assert (status(run), steps(run)["render_pdf"]) == ("retrying", "retrying")


def test_whoever_may_only_look_sees_no_buttons(viewer: Client, run: WorkflowRun) -> None:
    text = page(viewer, run)

    assert "attempt 1 of 3" in text
    for words in ("Retry now", "Skip “Render PDF”", "Cancel this run"):
        assert words not in text


@pytest.mark.parametrize("action", ACTIONS)
def test_a_run_that_is_not_there_is_not_found(console: Client, action: str) -> None:
    assert console.post(reverse(f"admin:run_{action}", args=["nope"]), ALL).status_code == 404


def test_a_number_of_attempts_that_is_none_is_no_danger(console: Client, run: WorkflowRun) -> None:
    assert "It is tried again now." in post(console, "retry", run, seen="9" * 400)

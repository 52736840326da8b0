"""Run the rest again in the console: a page that shows it, and one POST that starts it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests import endpoints
from tests.integration.admin.conftest import browser
from tests.integration.admin.test_get_safety import fingerprint
from tests.integration.runner.interventions import quote, quote_without_pdf
from tests.world import World, load_contracts
from workflows_app.models import SpecItem, WorkflowRun


@pytest.fixture
def world(mike: User) -> World:
    """All contracts, and mike who may open the console."""
    load_contracts()
    return World(mike=mike)


@pytest.fixture
def partial(world: World, site: endpoints.Site) -> WorkflowRun:
    """A quote whose PDF failed for good."""
    run = quote_without_pdf(world, site, 422)
    assert run.status == "partial"
    return run


def url(run: WorkflowRun) -> str:
    return reverse("admin:run_rerun", args=[run.pk])


def page(client: Client, run: WorkflowRun) -> str:
    return client.get(reverse("admin:workflows_app_workflowrun_change", args=[run.pk])).content.decode()


def reruns() -> list[WorkflowRun]:
    return list(WorkflowRun.objects.filter(trigger_kind="rerun"))


def test_the_run_leads_to_the_preview(console: Client, partial: WorkflowRun) -> None:
    assert "failed after 1 attempt" in page(console, partial)
    assert url(partial) in page(console, partial)


def test_the_preview_shows_what_is_reused_and_what_would_repeat(console: Client, partial: WorkflowRun) -> None:
    before = fingerprint()

    text = console.get(url(partial)).content.decode()

    assert "reused" in text
    assert "will be done" in text
    assert "A start from the beginning would repeat this" in text
    assert f"Done in run {partial.pk}." in text
    assert fingerprint() == before


def test_starting_leads_to_the_new_card(console: Client, partial: WorkflowRun) -> None:
    card = console.post(url(partial), follow=True).content.decode()

    (run,) = reruns()
    assert "3 of its 5 steps are reused" in card
    assert "What was done there, and is not done again" in card
    assert f"run {partial.pk}" in page(console, run)
    assert f"Run {run.pk}" in page(console, partial)


def test_a_second_click_starts_nothing(console: Client, partial: WorkflowRun) -> None:
    console.post(url(partial))

    console.post(url(partial))

    assert len(reruns()) == 1


def test_the_new_run_says_what_it_did_not_do_again(console: Client, world: World, partial: WorkflowRun) -> None:
    console.post(url(partial))
    (run,) = reruns()
    world.approve(world.gate(run))

    text = page(console, run)

    assert "reused" in text
    assert f"done in run {partial.pk}" in text


def test_a_run_that_is_not_continued_says_why(console: Client, world: World) -> None:
    run = quote(world)

    assert "only what failed" in console.get(url(run)).content.decode()
    assert "Run the rest again" not in page(console, run)
    assert "only what failed" in console.post(url(run), follow=True).content.decode()
    assert reruns() == []


def test_what_cannot_be_planned_is_said(console: Client, partial: WorkflowRun) -> None:
    SpecItem.objects.all().delete()

    assert console.get(url(partial)).status_code == 200
    console.post(url(partial))
    assert {run.status for run in reruns()} <= {"blocked"}


@pytest.mark.parametrize("who", ["viewer", "superuser", "sales"])
def test_only_approvers_start_it(partial: WorkflowRun, who: str, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)

    assert client.post(url(partial)).status_code == 403
    assert reruns() == []


def test_whoever_may_only_look_sees_no_button(viewer: Client, partial: WorkflowRun) -> None:
    text = viewer.get(url(partial)).content.decode()

    assert "You can look, but not start it." in text
    assert '<button class="cs-button cs-button-main cs-button-wide"' not in text


def test_a_post_without_its_token_is_forbidden(mike: User, partial: WorkflowRun) -> None:
    assert browser(mike, enforce_csrf_checks=True).post(url(partial)).status_code == 403


def test_a_run_that_is_not_there_is_not_found(console: Client) -> None:
    assert console.get(reverse("admin:run_rerun", args=["nope"])).status_code == 404

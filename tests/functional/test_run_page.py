"""A run is followed in a real browser: what is new appears, what a person opened or typed stays, and it ends."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests import endpoints
from tests.browser import logged_in
from tests.integration.runner.interventions import attempt, quote
from tests.world import World, load_contracts
from workflows_app.models import WorkflowRun

pytestmark = pytest.mark.once
ASKED_BY_SCRIPTS = ("xhr", "fetch")
HIDE = "Object.defineProperty(document, 'hidden', {value: true})"


@pytest.fixture
def world(transactional_db: None) -> World:
    """The contracts, and mike who may decide."""
    mike = User.objects.create_user("mike", is_staff=True)
    mike.groups.add(Group.objects.get(name="Approvers"))
    load_contracts()
    return World(mike=mike)


@pytest.fixture
def site(settings: Settings) -> Iterator[endpoints.Site]:
    """Calls of steps are answered as the test says; the console is a server of its own."""
    settings.WSGI_APPLICATION = "tests.endpoints.application"
    endpoints.site.answers.clear()
    yield endpoints.site
    endpoints.site.answers.clear()


@pytest.fixture
def context(browser: Browser, world: World, live_server: LiveServer) -> Iterator[BrowserContext]:
    """A browser in which Mike is logged in."""
    with logged_in(browser, world.mike, live_server.url) as context:
        yield context


@pytest.fixture
def run(world: World) -> WorkflowRun:
    """A quote that waits for its decision."""
    return quote(world)


@pytest.fixture
def page(context: BrowserContext, run: WorkflowRun) -> Page:
    """The run's page."""
    page = context.new_page()
    page.goto(reverse("admin:workflows_app_workflowrun_change", args=[run.pk]))
    return page


def step(page: Page, title: str) -> str:
    return page.locator(".cs-run-step", has_text=title).inner_text()


def test_a_run_is_followed_to_its_end(page: Page, world: World, run: WorkflowRun, site: endpoints.Site) -> None:
    loads: list[str] = []
    page.on("load", lambda: loads.append(page.url))
    page.locator("#context-customer summary").click()
    page.locator("#cancel summary").click()
    page.locator("#cs-cancel-reason").press_sequentially("not quite")

    world.decide(world.gate(run))
    site.answers[:] = [503]
    attempt(run)

    expect(page.locator("#run-status")).to_have_text("Retrying")
    expect(page.locator("#run-picture a.is-retrying")).to_have_count(1)
    assert "attempt 1 of 3" in step(page, "Render PDF")
    expect(page.locator("#context-customer details")).to_have_attribute("open", "")
    expect(page.locator("#cs-cancel-reason")).to_have_value("not quite")
    expect(page.locator("#cs-cancel-reason")).to_be_focused()

    attempt(run)

    expect(page.locator("#run-status")).to_have_text("Completed")
    expect(page.locator("#cancel")).to_have_count(0)
    assert page.locator("#run-live").get_attribute("hx-trigger") is None
    assert loads == []


def test_nothing_is_asked_while_nobody_looks(page: Page, world: World, run: WorkflowRun) -> None:
    page.evaluate(HIDE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.resource_type in ASKED_BY_SCRIPTS else None)
    prevented = "() => new Promise(done => document.addEventListener('htmx:beforeRequest', () => done(true)))"

    assert page.evaluate(prevented)

    assert asked == []

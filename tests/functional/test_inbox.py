"""Mike decides in the inbox with the keyboard: a real browser against a server in this process."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from approvals.models import Decision
from tests.browser import chromium
from tests.integration.admin.inbox.letters import draft
from tests.integration.admin.rows import gate_of, start_new_customer
from tests.world import load_contracts

pytestmark = pytest.mark.xdist_group("inbox")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests here. Its loop runs in this thread, where Django would take a query for a mistake."""
    with pytest.MonkeyPatch.context() as patched, chromium() as browser:
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield browser


@pytest.fixture
def mike(transactional_db: None) -> User:
    """The approver."""
    user = User.objects.create_user("mike", is_staff=True)
    user.groups.add(Group.objects.get(name="Approvers"))
    return user


@pytest.fixture
def context(browser: Browser, mike: User, live_server: LiveServer) -> Iterator[BrowserContext]:
    """A browser in which Mike is logged in."""
    client = Client()
    client.force_login(mike)
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1400, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    context.set_default_timeout(5_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab of it."""
    return context.new_page()


def shown(page: Page, title: str) -> None:
    """The card of `title` is there and can be decided."""
    expect(page.locator("#card h1")).to_have_text(title)
    expect(page.locator("#card")).not_to_have_attribute("inert", "")


def test_ten_mixed_proposals_are_decided_by_keyboard_without_another_page(page: Page) -> None:
    load_contracts()
    runs = [start_new_customer(f"Customer {number}") for number in range(3)]
    waiting = {*(gate_of(run).pk for run in runs), *(draft(runs[0], str(number)).pk for number in range(7))}
    loads: list[str] = []
    page.goto("/inbox/")
    page.on("load", lambda: loads.append(page.url))

    for number in range(10):
        heading = page.locator("#card h1").inner_text()
        shown(page, heading)
        if number % 3 == 2:
            page.keyboard.press("r")
            page.keyboard.type("j a k: not now")
            page.keyboard.press("Control+Enter")
        else:
            page.keyboard.press("a")
            page.keyboard.press("Enter")
        expect(page.locator("#inbox-said")).to_contain_text(heading)

    expect(page.locator(".cs-inbox-done")).to_have_count(10)
    expect(page.locator(".cs-inbox-count")).to_have_text("Nothing waits")
    verdicts = list(Decision.objects.values_list("verdict", flat=True))
    assert (verdicts.count("approve"), verdicts.count("reject")) == (7, 3)
    assert set(Decision.objects.values_list("proposal_id", flat=True)) == waiting
    assert set(Decision.objects.filter(verdict="reject").values_list("reason", flat=True)) == {"j a k: not now"}
    assert loads == []

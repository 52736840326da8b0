"""Anna of Sales hands in a customer and watches what becomes of it: a real browser against a server in this process."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from approvals.models import ProposedAction
from tests import factories
from tests.browser import logged_in
from tests.integration.admin.intake.submitted import decide
from tests.world import load_contracts
from workflows_app.models import WorkflowRun

pytestmark = pytest.mark.once


def person(name: str, group: str) -> User:
    """A member of the staff."""
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def page(browser: Browser, transactional_db: None, live_server: LiveServer) -> Iterator[Page]:
    """A tab in which Anna is logged in, on a phone-sized screen; the contracts, and a customer that is there."""
    load_contracts()
    factories.PaymentTermFactory(name="Net 30", days=30)
    factories.PricingTierFactory(tier="standard")
    factories.SalesRepFactory(name="Bo Lind")
    factories.CustomerFactory(companyname="Maple Ridge Schools", email="kitchen@mapleridge.example")
    phone = {"width": 390, "height": 844}
    with logged_in(browser, person("anna", "Sales"), live_server.url, viewport=phone) as context:
        yield context.new_page()


def test_a_customer_is_typed_warned_of_handed_in_and_followed(page: Page) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/")
    page.get_by_role("link", name="New customer onboard").last.click()

    page.get_by_label("Company name").press_sequentially("Mapel Ridge Schools")
    alike = page.locator("#intake-alike")
    expect(alike).to_contain_text("Maple Ridge Schools")
    expect(alike).to_contain_text("a similar name")
    page.get_by_label("Company name").fill("Lakeside Academy")
    expect(alike).to_contain_text("No customer looks like what you typed")
    page.get_by_label("Payment terms").select_option("Net 30")
    page.get_by_role("button", name="Hand in").click()

    expect(page.locator("#help-contact_email")).to_contain_text("Email address is required.")
    expect(page.locator("#in-contact_email")).to_be_focused()
    expect(page.get_by_label("Company name")).to_have_value("Lakeside Academy")
    page.get_by_label("Email address").fill("office@lakeside.example")
    page.get_by_label("Billing address").fill("9 Shore Road\nAlbany, NY 12207")
    page.get_by_label("Sales representative").select_option("Bo Lind")
    page.get_by_role("button", name="Hand in").dblclick()

    expect(page.locator("#submission h1")).to_have_text("Lakeside Academy")
    expect(page.locator("#submission")).to_contain_text("Waiting for a decision")
    assert WorkflowRun.objects.count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    decide(person("mike", "Approvers"), "reject", "They are served by the other depot.")
    page.get_by_role("link", name="My submissions").last.click()
    expect(page.locator("#content-main")).to_contain_text("Mike wrote: They are served by the other depot.")
    assert ProposedAction.objects.get().status == "rejected"
    assert problems == []

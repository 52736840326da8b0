"""Mike decides in the inbox with the keyboard: a real browser against a server in this process."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from approvals import services
from approvals.models import Decision, ProposedAction, Verdict
from tests import factories
from tests.browser import logged_in
from tests.integration.admin.inbox.letters import draft
from tests.integration.admin.rows import gate_of, start_new_customer
from tests.world import load_contracts

pytestmark = pytest.mark.once


@pytest.fixture
def mike(transactional_db: None) -> User:
    """The approver."""
    user = User.objects.create_user("mike", is_staff=True)
    user.groups.add(Group.objects.get(name="Approvers"))
    return user


@pytest.fixture
def context(browser: Browser, mike: User, live_server: LiveServer) -> Iterator[BrowserContext]:
    """A browser in which Mike is logged in."""
    with logged_in(browser, mike, live_server.url) as context:
        yield context


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
        heading = page.locator("#card:not([inert]) h1").inner_text()
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


def drafts(*numbers: int) -> list[ProposedAction]:
    """Letters of one run that can be approved; a gate waits as well."""
    load_contracts()
    run = start_new_customer()
    return [draft(run, str(number)) for number in numbers]


def approve_by_key(page: Page) -> None:
    page.keyboard.press("a")
    page.keyboard.press("Enter")


def test_a_stray_key_decides_nothing_and_a_second_click_does_not_reach_the_next_one(page: Page) -> None:
    first, second = drafts(1, 2)
    page.goto("/inbox/cs-pro-1/")

    for key in "aarejkjkxa?":
        page.keyboard.press(key)
        page.keyboard.press("Escape")
    shown(page, "Letter 1")
    assert Decision.objects.count() == 0
    page.get_by_role("button", name="Approve").dblclick()
    shown(page, "Letter 2")

    expect(page.locator("#inbox-said")).to_have_text("Letter 1: Approved. Look at it")
    expect(page.locator(".cs-inbox-count")).to_contain_text("2 wait")
    assert [decision.proposal_id for decision in Decision.objects.all()] == [first.pk]
    assert ProposedAction.objects.get(pk=second.pk).status == "pending"


@pytest.mark.parametrize("width", [390, 1280])
def test_the_decision_is_at_hand_wherever_a_long_card_is_read(page: Page, width: int) -> None:
    load_contracts()
    gate = gate_of(start_new_customer())
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"/inbox/{gate.pk}/")
    shown(page, gate.title)
    assert page.locator("#card").evaluate("card => card.offsetHeight") > 1400

    for place in ("#card h1", "#cs-checks", "#card summary >> text=Technical view"):
        page.locator(place).scroll_into_view_if_needed()
        for control in (page.get_by_role("button", name="Approve"), page.get_by_role("button", name="Reject")):
            expect(control).to_be_in_viewport(ratio=1)
        expect(page.get_by_label("Reason (needed to reject)")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_card_that_went_stale_says_so_in_place_and_shows_what_changed(page: Page) -> None:
    load_contracts()
    gate = gate_of(start_new_customer())
    page.goto("/inbox/")
    shown(page, gate.title)
    factories.CustomerFactory(companyname="Maple Ridge Schools East")

    approve_by_key(page)

    expect(page.locator("#inbox-said")).to_contain_text("what this card shows has changed since")
    expect(page.locator("#card")).to_contain_text("What changed against")
    newer = ProposedAction.objects.get(supersedes=gate)
    expect(page.locator(".cs-inbox-row")).to_have_attribute("data-row", newer.pk)
    expect(page.locator(".cs-inbox-row")).to_contain_text("1 warning: Similar name")
    expect(page.locator(".cs-inbox-row [aria-current]")).to_have_count(1)
    approve_by_key(page)
    expect(page.locator("#inbox-said")).to_contain_text("Approved.")
    assert Decision.objects.get().proposal_id == newer.pk


def test_a_second_click_does_not_reach_the_card_that_came_in_the_place_of_a_stale_one(page: Page) -> None:
    load_contracts()
    gate = gate_of(start_new_customer())
    decided: list[str] = []
    page.on("request", lambda request: decided.append(request.url) if request.method == "POST" else None)
    page.goto("/inbox/")
    shown(page, gate.title)
    factories.CustomerFactory(companyname="Maple Ridge Schools East")
    page.evaluate(
        "document.addEventListener('countersign:decided',"
        " () => document.querySelector('#card [value=approve]').click(), { once: true })"
    )

    page.get_by_role("button", name="Approve").click()

    expect(page.locator("#card")).to_contain_text("What changed against")
    newer = ProposedAction.objects.get(supersedes=gate)
    expect(page.locator(".cs-inbox-row")).to_have_attribute("data-row", newer.pk)
    assert len(decided) == 1
    assert Decision.objects.count() == 0


def test_what_keeps_a_decision_from_arriving_is_said_and_nothing_typed_is_lost(page: Page) -> None:
    (proposal,) = drafts(1)
    page.goto("/inbox/cs-pro-1/")
    said, reason = page.locator("#inbox-said"), page.locator("#card textarea[name=reason]")

    page.keyboard.press("r")
    page.keyboard.type("Not now.")
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(said).to_contain_text("The server cannot be reached")
    page.context.set_offline(False)
    page.route("**/decide/", lambda route: route.fulfill(status=500, body="<h1>Server Error</h1>"))
    page.get_by_role("button", name="Reject").click()
    expect(said).to_contain_text("The server could not answer (500)")
    page.unroute("**/decide/")
    sessions, cookies = list(Session.objects.all()), page.context.cookies()
    Session.objects.all().delete()
    page.get_by_role("button", name="Reject").click()
    expect(said).to_contain_text("You are not logged in any more")
    expect(reason).to_have_value("Not now.")
    Session.objects.bulk_create(sessions)
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.get_by_role("button", name="Reject").click()

    expect(said).to_contain_text("Rejected.")
    assert Decision.objects.get(proposal=proposal).reason == "Not now."


def test_a_form_older_than_a_login_in_another_tab_is_sent_all_the_same(page: Page, live_server: LiveServer) -> None:
    (only,) = drafts(1)
    page.goto("/inbox/cs-pro-1/")
    shown(page, "Letter 1")
    page.get_by_label("Reason").fill("It took an hour to write.")

    page.context.add_cookies([{"name": "csrftoken", "value": "b" * 32, "url": live_server.url}])  # as a login does
    page.get_by_role("button", name="Reject").click()

    expect(page.locator("#inbox-said")).to_contain_text("Rejected.")
    assert Decision.objects.get(proposal=only).reason == "It took an hour to write."


def test_several_are_decided_together_and_one_that_was_decided_meanwhile_fails_alone(page: Page, mike: User) -> None:
    first, second, _third = drafts(1, 2, 3)
    page.goto("/inbox/?kind=customer_email")
    for number in (1, 2):
        page.get_by_label(f"Tick Letter {number}").check()
    expect(page.locator("[data-ticked]")).to_have_text("2 ticked")

    page.get_by_role("button", name="Decide the ticked ones together").click()
    expect(page.locator("h1", has_text="2 proposals, $25.00 in all")).to_be_visible()
    services.decide(first.pk, Verdict.REJECT, user=mike, channel="api", digest=first.digest, reason="No.")
    page.get_by_role("button", name="Approve 2").click()

    expect(page.locator("h1", has_text="1 of 2 decided")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Already rejected by mike")).to_contain_text("Letter 1")
    assert ProposedAction.objects.get(pk=second.pk).status == "approved"


def test_on_a_phone_the_list_comes_first_and_the_card_is_a_page_with_a_way_back(page: Page) -> None:
    drafts(1, 2)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/inbox/?kind=customer_email")
    expect(page.locator("#card")).to_be_hidden()

    page.get_by_role("link", name="Letter 1").click()
    page.wait_for_url("**/inbox/cs-pro-1/**")
    expect(page.locator(".cs-inbox-list")).to_be_hidden()
    page.get_by_role("button", name="Approve").click()
    shown(page, "Letter 2")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("link", name="Back to the inbox").click()
    page.wait_for_url("**/inbox/?kind=customer_email")

    expect(page.locator(".cs-inbox-row")).to_have_count(1)

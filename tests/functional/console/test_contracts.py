"""A contract in a browser: its picture as it is really drawn, and the start by hand with its dry run."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.functional.console.looks import DESK_DARK, DESK_LIGHT, PHONE, Look, logged_in
from tests.functional.installation import Installation

pytestmark = pytest.mark.once
OUTSIDE = """() => [...document.querySelectorAll('.cs-picture-svg a')].flatMap(link => {
  const box = link.querySelector('rect').getBBox();
  return [...link.querySelectorAll('text')].filter(text => {
    const at = text.getBBox();
    return at.x < box.x || at.x + at.width > box.x + box.width || at.y < box.y || at.y + at.height > box.y + box.height;
  }).map(text => text.textContent);
})"""
START = "/workflows_app/workflowcontract/start"


def contracts(office: Installation) -> list[str]:
    """The pages of the active contracts."""
    rows = office.database.execute("SELECT id FROM workflow_contracts WHERE active ORDER BY 1")
    return [f"{office.site}/workflows_app/workflowcontract/{pk}/change/" for (pk,) in rows]


@pytest.mark.parametrize("look", [DESK_LIGHT, DESK_DARK], ids=lambda look: look.name)
def test_every_text_of_the_picture_fits_its_box_as_the_browser_measures_it(
    browser: Browser, office: Installation, look: Look
) -> None:
    with logged_in(browser, office, look) as page:
        for url in contracts(office):
            page.goto(url)
            page.evaluate("document.fonts.ready")

            assert page.locator(".cs-picture-svg a").count() > 5
            assert page.evaluate(OUTSIDE) == []


def test_a_box_leads_to_its_place(browser: Browser, office: Installation) -> None:
    with logged_in(browser, office, DESK_LIGHT) as page:
        page.goto(contracts(office)[0])
        last = page.locator(".cs-picture-svg a").last
        target = last.get_attribute("href") or ""
        last.focus()
        page.keyboard.press("Enter")

        assert page.url.endswith(target)
        expect(page.locator(target)).to_be_in_viewport()


def test_on_a_phone_the_picture_is_a_list_in_the_order_of_its_lanes(browser: Browser, office: Installation) -> None:
    with logged_in(browser, office, PHONE) as page:
        page.goto(contracts(office)[0])

        expect(page.locator(".cs-picture-svg")).to_be_hidden()
        lanes = page.locator(".cs-picture-list h3").all_inner_texts()
        assert [lane[:2] for lane in lanes] == ["01", "02", "03", "04", "05", "06"]


def test_a_start_by_hand_is_tried_first_and_then_started(browser: Browser, office: Installation) -> None:
    with logged_in(browser, office, DESK_LIGHT) as page:
        page.goto(f"{office.site}{START}/quote_draft/")
        choose(page, "input[name=customer_id]", "sch")
        choose(page, "input[name=item_codes] >> nth=0", "bean")
        page.fill("input[name=school_year]", "2026-27")
        runs = started(office)

        page.press("input[name=school_year]", "Enter")
        expect(page.get_by_text("Nothing was written")).to_be_visible()
        assert started(office) == runs
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.get_by_text("Started; it is")).to_be_visible()

        assert started(office) == runs + 1


def choose(page: Page, field: str, begin: str) -> None:
    """Type the beginning of a name and take the first offer."""
    page.locator(field).press_sequentially(begin)
    list_id = page.locator(field).get_attribute("list")
    offer = page.locator(f"#{list_id} option").first
    offer.wait_for(state="attached")
    page.locator(field).fill(offer.get_attribute("value") or "")


def started(office: Installation) -> int:
    """How many runs of the draft there are."""
    [(count,)] = office.database.execute("SELECT COUNT(*) FROM workflow_runs WHERE workflow_type = 'quote_draft'")
    return int(count)

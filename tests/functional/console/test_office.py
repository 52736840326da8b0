"""The console of one office, filled for a working day, in a browser. In one file, because filling it takes long.

Light, dark and on a phone: axe finds nothing serious, the browser complains of nothing, and every page fits. One page
of each kind; with `SCREENSHOTS=<folder>` really every page, each also pictured there (`make screenshots`). Then a
contract: its picture as it is really drawn, and the start by hand with its dry run. Last, what changes the office: a
letter put in better words, the back button, and everything held.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.functional.console.looks import DESK_DARK, DESK_LIGHT, PHONE, Look, logged_in
from tests.functional.console.pages import Place, one_of_each_kind, places
from tests.functional.installation import Installation

pytestmark = pytest.mark.once
PICTURES = os.environ.get("SCREENSHOTS", "")
SERIOUS = {"serious", "critical"}
OUTSIDE = """() => [...document.querySelectorAll('.cs-picture-svg a')].flatMap(link => {
  const box = link.querySelector('rect').getBBox();
  return [...link.querySelectorAll('text')].filter(text => {
    const at = text.getBBox();
    return at.x < box.x || at.x + at.width > box.x + box.width || at.y < box.y || at.y + at.height > box.y + box.height;
  }).map(text => text.textContent);
})"""
START = "/workflows_app/workflowcontract/start"
WORDS = "Please call me before Friday, and we will find a way.\n\nMike"
_WAITING = "SELECT id FROM proposed_actions WHERE action_type = %s AND status = 'pending' ORDER BY amount DESC, id"


# --- every page -------------------------------------------------------------------------------------------------------


def visit(browser: Browser, office: Installation, look: Look, complaints: list[str]) -> Iterator[tuple[Page, Place]]:
    """Open every page in one look, one after the other; what the browser says of each goes into `complaints`."""
    with logged_in(browser, office, look) as page:
        here = ""
        page.on("console", lambda said: complaints.append(f"{here}: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(f"{here}: {error}"))
        every = places(office.database)
        for place in every if PICTURES else one_of_each_kind(every):
            here = place.name
            answer = page.goto(f"{office.site}{place.path}")
            if answer is None or answer.status != 200:
                complaints.append(f"{here}: {place.path} answers {answer and answer.status}")
            _picture(page, look, place)
            yield page, place


def _picture(page: Page, look: Look, place: Place) -> None:
    if PICTURES:
        folder = Path(PICTURES)
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{place.name}.{look.name}.png", full_page=True)


@pytest.mark.parametrize("look", [DESK_LIGHT, DESK_DARK], ids=lambda look: look.name)
def test_everybody_can_use_every_page(browser: Browser, office: Installation, look: Look) -> None:
    complaints: list[str] = []
    found = [
        f"{place.name}: {violation['id']}: {node['target']}"
        for page, place in visit(browser, office, look, complaints)
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]

    assert found == []
    assert complaints == []


def test_every_page_fits_a_phone(browser: Browser, office: Installation) -> None:
    complaints: list[str] = []
    wide = [
        place.name
        for page, place in visit(browser, office, PHONE, complaints)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    ]

    assert wide == []
    assert complaints == []


# --- a contract -------------------------------------------------------------------------------------------------------


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


# --- a day ------------------------------------------------------------------------------------------------------------


def waiting(office: Installation, kind: str) -> str:
    """The largest proposal of a kind that waits."""
    return str(office.database.value(_WAITING, kind))


def status(office: Installation, pk: str) -> str:
    return str(office.database.value("SELECT status FROM proposed_actions WHERE id = %s", pk))


def test_a_letter_in_better_words_is_approved_and_only_that_goes_out(browser: Browser, office: Installation) -> None:
    first = waiting(office, "collection_action")
    with logged_in(browser, office, DESK_LIGHT) as page:
        page.goto(f"{office.site}/approvals/proposedaction/{first}/change/")
        page.get_by_text("Change something first").click()
        page.locator("#edit textarea").fill(WORDS)
        page.get_by_role("button", name="Show the difference").click()

        expect(page.locator("#card")).to_contain_text("find a way")
        assert office.mail.letters == []
        page.get_by_role("button", name="Approve", exact=True).click()
        expect(page.locator("#card")).to_contain_text("This was approved.")

    office.manage("work", "--once")
    office.manage("deliver")
    (letter,) = office.mail.letters
    assert "find a way" in str(letter.get_body(("plain",)))
    assert status(office, first) == "superseded"


def test_after_the_back_button_there_is_no_form_to_send_again(browser: Browser, office: Installation) -> None:
    pk = waiting(office, "collection_action")
    with logged_in(browser, office, DESK_LIGHT) as page:
        page.goto(f"{office.site}/approvals/proposedaction/{pk}/change/")
        page.get_by_label("Reason").fill("They have paid today.")
        page.get_by_role("button", name="Reject").click()
        expect(page.locator("#card")).to_contain_text("This was rejected.")
        page.go_back()

        expect(page.locator("#card")).to_contain_text("This was rejected.")
        expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)

    decided = "SELECT COUNT(*) FROM decisions WHERE proposal_id = %s AND verdict IN ('approve', 'reject')"
    assert office.database.value(decided, pk) == 1
    assert status(office, pk) == "rejected"


def test_a_hold_keeps_what_is_approved_until_it_is_lifted(browser: Browser, office: Installation) -> None:
    pk, sent = waiting(office, "collection_action"), len(office.mail.letters)
    with logged_in(browser, office, DESK_LIGHT) as page:
        page.goto(f"{office.site}/workflows_app/hold/")
        page.get_by_label("Reason").fill("The auditors are here.")
        page.get_by_role("button", name="Hold everything").click()
        expect(page.locator("body")).to_contain_text("Everything is on hold")

        page.goto(f"{office.site}/approvals/proposedaction/{pk}/change/")
        page.get_by_role("button", name="Approve", exact=True).click()
        expect(page.locator("body")).to_contain_text("on hold")
        office.manage("work", "--once")
        office.manage("deliver")
        assert len(office.mail.letters) == sent

        page.goto(f"{office.site}/workflows_app/hold/")
        page.get_by_role("button", name="Lift the hold").click()
        expect(page.locator("body")).to_contain_text("Everything is running")

    assert status(office, pk) == "approved"
    office.manage("work", "--once")
    office.manage("deliver")
    assert len(office.mail.letters) == sent + 1

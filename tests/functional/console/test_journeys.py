"""Mike's day in a browser: a letter put in better words, the back button, and everything held."""

import pytest
from playwright.sync_api import Browser, expect

from tests.functional.console.looks import DESK_LIGHT, logged_in
from tests.functional.installation import Installation

pytestmark = pytest.mark.once
WORDS = "Please call me before Friday, and we will find a way.\n\nMike"
_WAITING = "SELECT id FROM proposed_actions WHERE action_type = %s AND status = 'pending' ORDER BY amount DESC, id"


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

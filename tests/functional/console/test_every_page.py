"""Light, dark and on a phone: axe finds nothing serious, the browser complains of nothing, and every page fits.

One page of each kind; with `SCREENSHOTS=<folder>` really every page, each also pictured there (`make screenshots`).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.functional.console.looks import DESK_DARK, DESK_LIGHT, PHONE, Look, logged_in
from tests.functional.console.pages import Place, one_of_each_kind, places
from tests.functional.installation import Installation

pytestmark = pytest.mark.once
PICTURES = os.environ.get("SCREENSHOTS", "")
SERIOUS = {"serious", "critical"}


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

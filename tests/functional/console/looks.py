"""How a page is looked at: light and dark on a desk, and on a phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Browser, Page

from tests.browser import log_in
from tests.functional.installation import PASSWORD, Installation


@dataclass(frozen=True, kw_only=True)
class Look:
    """A screen and a theme (unfold keeps the chosen theme in the browser's storage)."""

    name: str
    width: int
    height: int
    theme: str


DESK_LIGHT: Final = Look(name="light", width=1280, height=900, theme="light")
DESK_DARK: Final = Look(name="dark", width=1280, height=900, theme="dark")
PHONE: Final = Look(name="phone", width=390, height=844, theme="light")


@contextmanager
def logged_in(browser: Browser, office: Installation, look: Look, user: str = "mike") -> Iterator[Page]:
    """A page of this look that belongs to `user`."""
    context = browser.new_context(viewport={"width": look.width, "height": look.height})
    context.add_init_script(f"localStorage.setItem('adminTheme', '\"{look.theme}\"')")
    page = context.new_page()
    try:
        log_in(page, office.site, user, PASSWORD)
        yield page
    finally:
        context.close()

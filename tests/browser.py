"""A real Chromium for tests: Debian's, or the one that Playwright installed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, expect, sync_playwright

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# As root, without a screen, and without Chromium's own traffic.
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
_PATIENCE_MS = 60_000  # on a machine that is busy with other work
_NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; without one the test is skipped, but in CI that is an error."""
    with sync_playwright() as playwright:
        path = _executable(playwright)
        if path is None:
            _missing("There is no Chromium here: install Debian's chromium, or run `playwright install chromium`.")
        expect.set_options(timeout=_PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def logged_in(browser: Browser, user: "User", site: str, **options: Any) -> Iterator[BrowserContext]:
    """A browser in which `user` of this process's database is logged in; `options` as Playwright has them."""
    client = Client()
    client.force_login(user)
    context = browser.new_context(base_url=site, **{"viewport": {"width": 1400, "height": 900}, **options})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    under_way: set[Request] = set()
    context.on("request", lambda request: under_way.add(request))
    context.on("requestfinished", lambda request: under_way.discard(request))
    context.on("requestfailed", lambda request: under_way.discard(request))
    yield context
    _let_finish(context, under_way)
    context.close()


def _let_finish(context: BrowserContext, under_way: set[Request]) -> None:
    """What the server still does for a page must not reach into the database of the next test."""
    for _look in range(100):
        if not under_way or not context.pages:
            return
        context.pages[0].wait_for_timeout(50)


def log_in(page: Page, site: str, name: str, password: str) -> None:
    """By the form, as people do; the front page is there at the end."""
    page.goto(f"{site}/login/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{site}/")


def _executable(playwright: Playwright) -> str | None:
    own = playwright.chromium.executable_path
    installed = (shutil.which(name) for name in _NAMES)
    return next((path for path in installed if path), own if Path(own).exists() else None)


def _missing(message: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)

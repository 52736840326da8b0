"""A real Chromium for tests: Debian's, or the one that Playwright installed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

# As root, without a screen, and without Chromium's own traffic.
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
_PATIENCE_MS = 30_000  # as long as Playwright waits for everything else
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


def _executable(playwright: Playwright) -> str | None:
    own = playwright.chromium.executable_path
    installed = (shutil.which(name) for name in _NAMES)
    return next((path for path in installed if path), own if Path(own).exists() else None)


def _missing(message: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)

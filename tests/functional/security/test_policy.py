"""The content security policy in Chromium stops what it is there for; that no page breaks it is in `test_xss`."""

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.functional.security.test_xss import WATCH

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "attack",
    [
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.executed=1\">')",
        "const s = document.createElement('script'); s.textContent = 'window.executed=1'; document.body.append(s)",
        "const s = document.createElement('script'); s.src = 'data:,window.executed=1'; document.body.append(s)",
    ],
)
def test_it_stops_what_gets_onto_a_page_all_the_same(browser: Browser, live_server: LiveServer, attack: str) -> None:
    context = browser.new_context()
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(f"{live_server.url}/login/")

    page.evaluate(f"() => {{ {attack} }}")
    page.wait_for_function("window.broken.length > 0")

    assert page.evaluate("window.executed") is None
    context.close()

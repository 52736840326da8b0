"""The content security policy in Chromium: no page of the console breaks it, and it stops what it is there for."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.functional.security.conftest import logged_in
from tests.functional.security.crawl import crawl
from tests.integration.admin.rows import fill_every_table
from tests.world import load_contracts

pytestmark = pytest.mark.once

WATCH = """
window.broken = [];
document.addEventListener('securitypolicyviolation', e =>
  window.broken.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`));
"""
SIGN_IN = ("/account/second-factor/", "/account/second-factor/webauthn/", "/account/confirm/", "/account/logout/")


def test_no_page_breaks_the_policy_or_asks_anybody_else(browser: Browser, root: User, live_server: LiveServer) -> None:
    load_contracts()
    fill_every_table()
    context = logged_in(browser, root, live_server)
    context.add_init_script(WATCH)
    elsewhere: set[str] = set()
    context.on("request", lambda request: elsewhere.add(request.url) if _is_outside(request.url, live_server) else None)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))

    found, pages = {}, 0
    for path in crawl(page, live_server.url, "/", *SIGN_IN):
        pages += 1
        if broken := page.evaluate("window.broken"):
            found[path] = broken
    context.close()

    assert found == {}
    assert (errors, elsewhere) == ([], set())
    assert pages > 100


def _is_outside(url: str, live_server: LiveServer) -> bool:
    return not url.startswith((live_server.url, "data:", "blob:"))


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

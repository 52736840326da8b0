"""QUALITY.md test 24: fifty payloads in every text of the database, every page in Chromium, nothing executed.

What would execute is stopped by the content security policy and told: here it must not even try. The same walk shows
that no page of ours breaks the policy or asks anybody else.
"""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.browser import logged_in
from tests.functional.security.crawl import crawl
from tests.functional.security.payloads import EVERYTHING, PAYLOADS, plant
from tests.integration.admin.rows import fill_every_table, hostile_effects, leaf, stage
from tests.world import load_contracts

pytestmark = pytest.mark.once

SIGN_IN = ("/account/second-factor/", "/account/second-factor/webauthn/", "/account/confirm/", "/account/logout/")
WATCH = """
window.hits = 0;
window.hit = () => { window.hits += 1; return 1; };
window.alert = window.hit;
window.broken = [];
document.addEventListener('securitypolicyviolation', e =>
  window.broken.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`));
"""
RAW = re.compile(r"/raw/\d+$")
SEEN = "[window.hits, ...window.broken]"


def test_the_detector_sees_what_would_execute(browser: Browser, live_server: LiveServer) -> None:
    page = browser.new_page()
    page.add_init_script(WATCH)
    policy = page.goto(f"{live_server.url}/login/").headers["content-security-policy"]
    headers = {"content-type": "text/html", "content-security-policy": policy}
    told = 0
    page.route(
        re.compile(r"/raw/\d+$"),
        lambda route: route.fulfill(headers=headers, body=PAYLOADS[_number(route.request.url)]),
    )
    for number in range(len(PAYLOADS)):
        page.goto(f"{live_server.url}/raw/{number}")
        told += page.evaluate(SEEN) != [0]
    page.close()

    assert len(PAYLOADS) == 50
    assert told > 20


def test_no_page_executes_anything_breaks_the_policy_or_asks_anybody_else(
    browser: Browser, root: User, live_server: LiveServer
) -> None:
    load_contracts()
    fill_every_table()
    _stage_everything()
    assert plant() > 200
    User.objects.exclude(pk=root.pk).update(first_name=PAYLOADS[0][:150], email=PAYLOADS[1])
    with logged_in(browser, root, live_server.url) as context:
        context.add_init_script(WATCH)
        elsewhere: set[str] = set()
        context.on(
            "request", lambda request: elsewhere.add(request.url) if _is_outside(request.url, live_server) else None
        )
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))

        found, pages, shown = {}, 0, 0
        for path in crawl(page, live_server.url, "/", "/?q=" + PAYLOADS[3], *SIGN_IN):
            pages += 1
            if (seen := page.evaluate(SEEN)) != [0]:
                found[path] = seen
            shown += "hit()" in page.content()

    assert found == {}
    assert (errors, elsewhere) == ([], set())
    assert pages > 100
    assert shown > 40


def _number(address: str) -> int:
    return int(address.rpartition("/")[2])


def _is_outside(url: str, live_server: LiveServer) -> bool:
    return not url.startswith((live_server.url, "data:", "blob:"))


def _stage_everything() -> None:
    """A leaf with an effect of every kind, and payloads in all their texts."""
    effects = hostile_effects(EVERYTHING)
    for number, effect in enumerate(effects):
        stage(leaf(effect), f"hostile-{number}", customer_name=PAYLOADS[number])
    stage(leaf(*effects), "hostile-all")

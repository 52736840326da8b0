"""QUALITY.md test 24: fifty payloads in every text of the database, every page in Chromium, nothing executed.

The content security policy is switched off here, so that escaping alone has to hold.
"""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.functional.security.conftest import logged_in
from tests.functional.security.crawl import crawl
from tests.functional.security.payloads import EVERYTHING, PAYLOADS, plant
from tests.integration.admin.rows import fill_every_table, leaf, letter, stage, staged
from tests.world import load_contracts

pytestmark = pytest.mark.once

COUNT = "window.hits = 0; window.hit = () => { window.hits += 1; return 1; }; window.alert = window.hit;"


def test_the_detector_sees_what_executes(browser: Browser) -> None:
    context = browser.new_context(bypass_csp=True)
    context.add_init_script(COUNT)
    page = context.new_page()
    executed = 0
    for payload in PAYLOADS:
        page.goto("about:blank")
        page.set_content(f"<p>{payload}</p>")
        executed += page.evaluate("window.hits") > 0
    context.close()

    assert len(PAYLOADS) == 50
    assert executed > 20


def test_nothing_executes_on_any_page(browser: Browser, root: User, live_server: LiveServer) -> None:
    load_contracts()
    fill_every_table()
    _stage_everything()
    assert plant() > 200
    User.objects.exclude(pk=root.pk).update(first_name=PAYLOADS[0][:150], email=PAYLOADS[1])
    context = logged_in(browser, root, live_server, bypass_csp=True)
    context.add_init_script(COUNT)
    page = context.new_page()

    executed, shown = [], 0
    for path in crawl(page, live_server.url, "/", "/?q=" + PAYLOADS[3]):
        executed += [path] * (page.evaluate("window.hits") > 0)
        shown += "hit()" in page.content()
    context.close()

    assert executed == []
    assert shown > 40


def _stage_everything() -> None:
    """A leaf with an effect of every kind, and payloads in all their texts."""
    all_of = EVERYTHING
    file, named = {"name": all_of, "key": all_of, "sha256": all_of}, {all_of: all_of}
    effects = [
        letter(subject=all_of, body=all_of, to=all_of, attachments=[file]),
        {"kind": "row.update", "table": "customers", "id": all_of, "set": named, "was": named},
        {"kind": "netsuite.push", "id": "p", "external_id": all_of, "record_type": all_of, "queue": all_of,
         "on_failure": all_of, "record": {**named, "item": {"items": [named]}}},
        {"kind": "http.request", "id": "h", "method": all_of, "path": all_of, "body": all_of, "produces": all_of},
        {"kind": "event.record", "id": "e", "event_type": all_of, "idempotency_key": all_of, "payload": named},
        {"kind": all_of, "id": "u", "note": {all_of: [all_of, {"b": all_of}]}},
        staged(letter(body=all_of), title=all_of, summary=all_of, recheck=[all_of], payload=named),
    ]  # fmt: skip
    for number, effect in enumerate(effects):
        stage(leaf(effect), f"hostile-{number}", customer_name=PAYLOADS[number])
    stage(leaf(*effects), "hostile-all")

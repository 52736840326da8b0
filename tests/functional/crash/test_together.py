"""Web, workers and commands write to one SQLite file at the same time, and nobody reads "database is locked"."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.functional.crash import far_ends, orders, storm
from tests.functional.crash.site import Site, site
from tests.functional.installation import PASSWORD, ROOT, eventually

pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="it is about SQLite")
STARTED = 8  # by each of: the form in the browser, commands, the workers


def test_web_workers_and_commands_write_at_once(tmp_path: Path) -> None:
    with site(tmp_path, customers=STARTED) as company, ThreadPoolExecutor(3) as pool:
        company.start("web")
        eventually("the login page", company.answers)
        by_web = [orders.new_customer(f"web-{number}") for number in range(STARTED)]
        by_command = [orders.new_customer(f"command-{number}") for number in range(STARTED)]
        by_workers = [orders.customer_quote(f"worker-{n}", company.customers.pop()) for n in range(STARTED)]

        doing = [pool.submit(_use_the_form, company, by_web), pool.submit(_run_commands, company, by_command)]
        wave = storm.ride_out(company, by_workers, meanwhile=_until(doing), within=600)
        answers = [answer for each in doing for answer in each.result()]
        assert storm.ride_out(company, [*by_command, *by_workers]).left == {}
        tally = far_ends.count(company, [*by_web, *by_command, *by_workers])
        texts = [*answers, company.log("web"), company.log("workers")]

    assert wave.broken == 0
    assert [text for text in texts if "is locked" in text] == []
    assert tally.lost == []
    assert tally.doubled == []


def _until(doing: list[Future[list[str]]]) -> Callable[[], None]:
    """What breaks in the others breaks the test."""

    def look() -> None:
        for each in doing:
            if each.done():
                each.result()

    return look


def _run_commands(company: Site, given: list[orders.Order]) -> list[str]:
    """Processes of manage.py, one after the other; what they print."""
    command = [sys.executable, "manage.py"]
    done = [
        subprocess.run(
            [*command, *order.command], cwd=ROOT, env=company.environment, capture_output=True, text=True, check=False
        )
        for order in given
    ]
    assert [each.stderr for each in done if each.returncode] == []
    return [each.stdout + each.stderr for each in done]


def _use_the_form(company: Site, given: list[orders.Order]) -> list[str]:
    """Mike in a browser: the form, and after each the front page; what he reads."""
    pages = []
    with _logged_in(company) as browser:
        for order in given:
            form = browser.get("/workflows_app/workflowcontract/start/new_customer/")
            key = re.search(r'name="key" value="([^"]+)"', form.text)
            assert key is not None
            fields = {
                "company_name": order.name,
                "contact_email": order.mailboxes[0],
                "billing_address": orders.ADDRESS,
                "credit_limit": orders.CREDIT,
                "key": key[1],
            }
            sent = browser.post(form.url, data=fields | {"csrfmiddlewaretoken": browser.cookies["csrftoken"]})
            pages += [sent.raise_for_status().text, browser.get("/").raise_for_status().text]
    return pages


@contextmanager
def _logged_in(company: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=company.site, trust_env=False, follow_redirects=True, timeout=60) as browser:
        browser.get("/login/")
        fields = {"login": "mike", "password": PASSWORD, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        assert "/login/" not in str(browser.post("/login/", data=fields).raise_for_status().url)
        yield browser

"""Sales hands in forms and sees its own; every other page of the console is closed to it."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from approvals.models import Decision, ProposedAction
from tests.integration.admin.intake.submitted import FORM, KEY, MINE, hand_in, the_run
from tests.integration.admin.rows import INPUTS, fill_every_table, start_new_customer
from tests.integration.admin.test_get_safety import crawl, fingerprint

# What everybody on the staff has: the front page, one's own password, login, and what is no page of the console.
EVERYBODYS = re.compile(
    r"/(|login/|logout/|password_change/(done/)?|jsi18n/|autocomplete/|search/|favicon\.ico|healthz.*|api/.*|accounts?/.*|theme.*)"
)
OWN = re.compile(r"/intake/.*")


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> list[str]:
    """Every address of the project, with something in the place of each name in it."""
    found: list[str] = []
    for pattern in patterns:
        route = re.sub(r"<(?:\w+:)?(\w+)>", lambda name: _value(name[1]), _route(pattern))
        if isinstance(pattern, URLResolver):
            found += addresses(pattern.url_patterns, before + route)
        else:
            found.append(before + route)
    return found


def _route(pattern: URLPattern | URLResolver) -> str:
    route = str(pattern.pattern)
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route).replace("^", "").replace("$", "").replace("\\", "")


def _value(name: str) -> str:
    if name == "workflow_type":
        return "new_customer"
    return the_run().pk if name in ("run_id", "object_id") else "1"


def test_no_other_page_opens_for_sales_and_nothing_changes(sales: Client, mike: User) -> None:
    start_new_customer()
    before = fingerprint()
    urls = [url for url in addresses(get_resolver().url_patterns) if not EVERYBODYS.fullmatch(url)]
    foreign = [url for url in urls if not OWN.fullmatch(url)]

    opened = {
        f"{method.__name__} {url}"
        for url in foreign
        for method in (sales.get, sales.post)
        if method(url, {"verdict": "approve", "on": "yes"}).status_code == 200
    }

    assert opened == set()
    assert fingerprint() == before
    assert len(foreign) > 150


def test_a_crawl_from_the_front_page_stays_in_the_intake(sales: Client, mike: User) -> None:
    fill_every_table()
    hand_in(sales)
    before = fingerprint()

    seen = {url for url in crawl(sales) if sales.get(url).status_code == 200}

    assert fingerprint() == before
    assert {FORM, MINE} <= seen
    strangers = {url for url in seen if not EVERYBODYS.fullmatch(url.partition("?")[0]) and not OWN.fullmatch(url)}
    assert strangers == set()


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_sales_decides_nothing_not_even_its_own(sales: Client, verdict: str) -> None:
    hand_in(sales)
    gate = ProposedAction.objects.get()

    answer = sales.post(
        f"/approvals/proposedaction/{gate.pk}/decide/", {"verdict": verdict, "digest": gate.digest, "reason": "Mine."}
    )

    gate.refresh_from_db()
    assert answer.status_code == 403
    assert gate.status == "pending"
    assert not Decision.objects.exists()


def test_the_front_page_of_sales_offers_the_form_and_the_submissions_and_no_more(sales: Client) -> None:
    page = unescape(sales.get("/").content.decode())

    assert f'href="{FORM}"' in page
    assert f'href="{MINE}"' in page
    assert "/workflows_app/" not in page
    assert "/approvals/" not in page
    assert "/inbox/" not in page


def test_a_visitor_who_is_not_logged_in_is_led_to_the_login(db: None) -> None:
    for url in (FORM, MINE):
        assert Client().get(url).status_code == 302
    assert Client().post(FORM, {**INPUTS, "key": KEY}).status_code == 302

"""QUALITY.md tests 13 and 14: looking at pages changes nothing, and no POST works without its token."""

import hashlib
import re
from html import unescape

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.integration.admin.conftest import browser
from tests.integration.admin.rows import fill_every_table, leaf, letter, stage

pytestmark = pytest.mark.once

LINK = re.compile(r'href="(/[^"]*)"')
OUTSIDE = ("/static/", "/logout/", "/account/")  # the last remember in the session who must confirm what, by design


def fingerprint() -> dict[str, str]:
    """A hash of every row of every table, by table."""
    rows = {}
    for model in apps.get_models(include_auto_created=True):
        names = [field.attname for field in model._meta.concrete_fields if "ickle" not in type(field).__name__]
        values = sorted(map(repr, model._base_manager.values_list(*names)))
        rows[model._meta.label] = hashlib.sha256("\n".join(values).encode()).hexdigest()
    return rows


def crawl(client: Client) -> set[str]:
    """Follow every link from the front page; lists are also opened with every filter and order they offer."""
    seen: set[str] = set()
    todo = ["/"]
    while todo:
        url = todo.pop()
        shape = re.sub(r"=[^&]*", "=", url)
        if shape in seen or url.startswith(OUTSIDE) or url.count("=") > 1:
            continue
        seen.add(shape)
        response = client.get(url)
        assert response.status_code < 500, url
        if response.headers.get("Content-Type", "").startswith("text/html"):
            base = url.partition("?")[0]
            text = unescape(response.content.decode())
            todo += LINK.findall(text) + [base + query for query in re.findall(r'href="(\?[^"]*)"', text)]
    return seen


def test_a_crawler_that_follows_every_link_changes_no_row(superuser: Client, mike: User, contracts: None) -> None:
    fill_every_table()
    stage(leaf(letter()))
    superuser_that_decides = browser(_with_rights(mike))
    before = fingerprint()

    seen = crawl(superuser_that_decides)

    assert fingerprint() == before
    assert any("/proposedaction/" in url and url.endswith("/change/") for url in seen)
    assert any("/start/" in url for url in seen)
    assert len(seen) > 150


def _with_rights(mike: User) -> User:
    mike.is_superuser = True
    mike.save()
    return mike


ACTIONS = ["decide", "edit", "again"]


@pytest.mark.parametrize("action", ACTIONS)
def test_a_get_of_a_deciding_address_is_refused(console: Client, action: str) -> None:
    proposal = stage(leaf(letter()))
    url = reverse(f"admin:proposal_{action}", args=[proposal.pk])
    before = fingerprint()

    response = console.get(url, {"verdict": "approve", "digest": proposal.digest, "reason": "x"})

    assert response.status_code == 405
    assert fingerprint() == before


def test_a_get_does_not_turn_the_hold_switch(console: Client) -> None:
    assert console.get(reverse("admin:hold_turn"), {"on": "yes"}).status_code == 405


def test_every_post_without_a_token_is_forbidden(mike: User, contracts: None) -> None:
    proposal = stage(leaf(letter()))
    client = browser(mike, enforce_csrf_checks=True)
    urls = [
        *(reverse(f"admin:proposal_{action}", args=[proposal.pk]) for action in ACTIONS),
        reverse("admin:hold_turn"),
        reverse("admin:contract_start", args=["new_customer"]),
        reverse("admin:approvals_proposedaction_change", args=[proposal.pk]),
    ]
    before = fingerprint()

    answers = {
        url: client.post(url, {"verdict": "approve", "digest": proposal.digest, "on": "yes"}).status_code
        for url in urls
    }

    assert set(answers.values()) == {403}
    assert fingerprint() == before


def test_a_post_to_any_page_of_a_table_changes_nothing(console: Client) -> None:
    proposal = stage(leaf(letter()))
    before = fingerprint()

    for page in ("change", "delete"):
        url = reverse(f"admin:approvals_proposedaction_{page}", args=[proposal.pk])
        assert console.post(url, {"status": "approved", "post": "yes"}).status_code == 403

    assert fingerprint() == before

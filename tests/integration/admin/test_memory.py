"""The page of the memory: what is found, where it leads, and what is said when nothing is."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.models import ProposedAction
from tests import factories
from tests.integration.admin.rows import stage
from tests.integration.admin.test_xss import PAYLOADS, executable
from tests.integration.reading.memory.memories import remember

URL = "/memory/"


def page(client: Client, **asked: str) -> str:
    """The page as a browser gets it."""
    response = client.get(URL, asked)
    assert response.status_code == 200
    return str(response.content.decode())


def test_what_is_found_leads_to_its_run_its_customer_and_its_decision(viewer: Client) -> None:
    customer = factories.CustomerFactory(companyname="Maple & Co")
    proposal = stage({"effects": []})
    row = remember("Quote for Maple: ended as completed.", f"quote,customer:{customer.pk}", proposal_id=proposal.pk)

    found = page(viewer, q="maple")

    assert "Quote for <mark>Maple</mark></a>" in found
    assert ">ended as completed.</p>" in found
    assert reverse("admin:workflows_app_workflowrun_change", args=[row.pk]) in found
    assert f'{reverse("admin:workflows_app_customer_change", args=[customer.pk])}">Maple &amp; Co</a>' in found
    assert reverse("admin:approvals_proposedaction_change", args=[proposal.pk]) in found
    assert ProposedAction.objects.get().title in found


def test_a_tag_leads_to_what_also_has_it(viewer: Client) -> None:
    remember("maple one", "quote,customer:4")
    remember("maple two", "quote,customer:42")

    link = re.search(r'href="(\?[^"]*)"[^>]*>customer:4<', page(viewer, q="maple", tags="quote"))

    assert link is not None
    narrowed = viewer.get(URL + unescape(link[1])).content.decode()
    assert " one</a>" in narrowed
    assert " two</a>" not in narrowed
    assert 'value="quote,customer:4"' in narrowed


def test_pages_follow_one_another_with_the_same_question(viewer: Client) -> None:
    for number in range(21):
        remember(f"maple tree number{number}x")

    first = page(viewer, q="maple")
    link = re.search(r'href="(\?[^"]*)" rel="next"', first)

    assert link is not None
    assert "number0x" not in first
    second = viewer.get(URL + unescape(link[1])).content.decode()
    assert "number0x" in second
    assert 'rel="next"' not in second
    assert 'rel="prev"' in second


@pytest.mark.parametrize(
    ("asked", "said"),
    [({}, "Nothing yet."), ({"q": "nowhere"}, "Try fewer words"), ({"page": "9"}, "beyond the last one")],
)
def test_a_page_without_rows_says_what_to_do(viewer: Client, asked: dict[str, str], said: str) -> None:
    assert said in page(viewer, **asked)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_remembered_and_what_is_typed_execute_nothing(viewer: Client, payload: str) -> None:
    remember(f"maple {payload}\nmaple {payload}", f"maple,{payload}")

    assert executable(page(viewer, q="maple")) == []
    assert executable(page(viewer, q=payload, tags=payload)) == []


# A NUL comes to no page (config/security.py).
_TYPED = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(_TYPED, _TYPED, _TYPED)
def test_whatever_stands_in_the_address_gives_a_page(viewer: Client, words: str, tags: str, number: str) -> None:
    remember("maple", words[:40].replace("\0", "").encode(errors="ignore").decode())

    page(viewer, q=words, tags=tags, page=number)


def test_the_number_of_queries_does_not_depend_on_what_is_found(viewer: Client) -> None:
    page(viewer, q="maple")  # what a session does once

    def queries(number: int) -> int:
        customer, proposal = factories.CustomerFactory(), stage({"effects": []}, str(number))
        remember("maple", f"customer:{customer.pk}", proposal_id=proposal.pk)
        with CaptureQueriesContext(connection) as captured:
            assert page(viewer, q="maple").count("<h3>") == number
        return len(captured)

    counts = [queries(number) for number in range(1, 5)]

    assert len(set(counts)) == 1
    assert counts[0] < 25


def test_the_memory_is_for_those_who_may_see_it(sales: Client, console: Client) -> None:
    assert sales.get(URL).status_code == 403
    assert Client().get(URL).status_code == 302
    assert console.get(URL).status_code == 200
    assert console.post(URL, {"q": "x"}).status_code == 405

"""The inbox: what it lists in which order, what narrows it, and what the card beside it shows."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import ProposalStatus, ProposedAction
from tests import factories
from tests.integration.admin.inbox.letters import HOUR, wait
from tests.integration.admin.rows import gate_of, start_new_customer, start_quote

INBOX = "/inbox/"


def titles(page: str) -> list[str]:
    """The titles of the list, in order."""
    return re.findall(r'cs-inbox-title">([^<]*)<', page)


def read(client: Client, url: str = INBOX) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_overdue_comes_first_then_what_expires_soonest_then_the_larger_amount(console: Client) -> None:
    soon = wait("soon", expires=5 * HOUR)
    wait("late", expires=9 * HOUR)
    wait("overdue", due=-HOUR, expires=30 * HOUR)
    wait("overdue and expiring", due=-HOUR, expires=2 * HOUR)
    for number, amount in (("small", "9.50"), ("large", "1000.00"), ("none", "")):
        wait(number, amount=amount)
        ProposedAction.objects.filter(pk=f"cs-pro-{number}").update(expires_at=soon.expires_at + HOUR)

    page = read(console)

    order = ["overdue and expiring", "overdue", "soon", "large", "small", "none", "late"]
    assert titles(page) == [f"Letter {name}" for name in order]
    assert "Overdue first, then what expires soonest, then the larger amount." in page


def test_what_is_decided_or_expired_does_not_wait(console: Client) -> None:
    wait("expired", due=-HOUR / 3, expires=HOUR / 1_000_000)
    decided = wait("decided")
    ProposedAction.objects.filter(pk=decided.pk).update(status=ProposalStatus.REJECTED)

    page = read(console)

    assert titles(page) == []
    assert "Nothing waits for a decision." in page


def test_a_row_says_whose_it_is_how_much_how_long_and_from_which_workflow(console: Client, contracts: None) -> None:
    gate = gate_of(start_quote(factories.CustomerFactory(companyname="Maple Ridge").pk))
    ProposedAction.objects.filter(pk=gate.pk).update(amount="1234.50", customer_name="Maple Ridge")

    page = " ".join(read(console).split())

    for words in ("$1,234.50", "Maple Ridge ·", "of Customer quote", "risk 3", "due in", "expires in", "proposed"):
        assert words in page, words


def test_a_row_names_the_checks_that_did_not_hold(console: Client, contracts: None) -> None:
    factories.CustomerFactory(companyname="Maple Ridge Schools East")
    start_new_customer("Maple Ridge Schools")

    assert "1 warning: Similar name" in read(console)


def test_the_first_one_is_selected_and_its_card_stands_beside_the_list(console: Client) -> None:
    wait("first", expires=2 * HOUR)
    wait("second")

    page = read(console)

    assert page.count("aria-current") == 1
    assert "<h1>Letter first</h1>" in page


def test_an_address_of_its_own_shows_the_card_that_it_names(console: Client) -> None:
    wait("first", expires=2 * HOUR)
    wait("second")

    assert "<h1>Letter second</h1>" in read(console, reverse("inbox:card_page", args=["cs-pro-second"]))
    assert console.get(reverse("inbox:card_page", args=["cs-pro-third"])).status_code == 404


def test_the_card_alone_has_no_page_around_it(console: Client) -> None:
    wait("first")

    card = read(console, reverse("inbox:card", args=["cs-pro-first"]))

    assert card.startswith('<div id="card"')
    assert "<html" not in card


@pytest.mark.parametrize("url", [INBOX, "/inbox/cs-pro-1/", "/inbox/cs-pro-1/card/", "/inbox/rows/?after=cs-pro-1"])
def test_who_may_not_see_proposals_is_turned_away(sales: Client, client: Client, url: str) -> None:
    wait("1")

    assert sales.get(url).status_code == 403
    assert client.get(url).status_code == 302


def test_a_viewer_sees_the_list_and_no_way_to_decide(viewer: Client) -> None:
    wait("1")

    page = read(viewer)

    assert titles(page) == ["Letter 1"]
    assert "You can look, but not decide." in page
    assert 'name="verdict"' not in page
    assert 'name="ticked"' not in page


def test_the_number_of_queries_does_not_depend_on_what_waits(console: Client, contracts: None) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            read(console)
        return len(captured)

    start_new_customer("Customer 0")
    queries()
    few = queries()
    for number in range(1, 6):
        start_new_customer(f"Customer {number}")
        wait(str(number))

    assert queries() == few

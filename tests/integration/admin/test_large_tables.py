"""Lists of tables that grow: capped pages, and filters that do not read every row."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from approvals.clock import database_now
from approvals.models import ProposedAction
from workflows_app.admin import large_tables
from workflows_app.admin.large_tables import CappedPaginator

pytestmark = pytest.mark.django_db

URL = "/approvals/proposedaction/"


@pytest.fixture
def client() -> Client:
    """Somebody who may look at everything."""
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser("looker"))
    return client


def propose(count: int, **values: Any) -> None:
    """Decided proposals, the last the newest."""
    now = database_now()
    first = ProposedAction.objects.count()
    common = {"status": "approved", "action_type": "customer_email", "proposed_by": "machine:test", "effects": "{}"}
    ends = {"window_ends_at": now + timedelta(days=1), "expires_at": now + timedelta(days=1)}
    for number in range(first, first + count):
        own = {"id": f"cs-pro-{number}", "title": f"Proposal {number}", "proposed_at": now + timedelta(seconds=number)}
        ProposedAction.objects.create(**(common | ends | own | values))


@pytest.mark.parametrize(("rows", "count", "capped"), [(3, 3, False), (4, 4, False), (5, 4, True)])
def test_a_list_has_pages_for_so_many_rows_and_says_when_there_are_more(
    monkeypatch: pytest.MonkeyPatch, rows: int, count: int, capped: bool
) -> None:
    monkeypatch.setattr(large_tables, "MOST_ROWS", 4)
    propose(rows)

    pages = CappedPaginator(ProposedAction.objects.order_by("pk"), 2)

    assert (pages.count, pages.num_pages, pages.capped) == (count, 2, capped)


def test_the_page_says_that_there_are_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_tables, "MOST_ROWS", 2)
    propose(3)

    assert "the first 2 of more" in " ".join(client.get(URL).content.decode().split())


def test_what_is_pending_comes_first_then_the_newest(client: Client) -> None:
    propose(2)
    propose(1, title="Still open", status="pending", proposed_at=database_now() - timedelta(hours=1))

    rows = client.get(URL).context["cl"].result_list

    assert [row.title for row in rows] == ["Still open", "Proposal 1", "Proposal 0"]


def test_a_filter_offers_each_value_of_its_column_once(client: Client) -> None:
    for kind in ("quote_email", "collection_action", "quote_email"):
        propose(1, action_type=kind)

    text = client.get(URL).content.decode()

    assert [text.count(f"?action_type={kind}") for kind in ("quote_email", "collection_action")] == [1, 1]

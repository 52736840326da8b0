"""What narrows the inbox, alone and together, and that it is found without reading what is left out."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from approvals.models import ProposalStatus, ProposedAction
from tests import factories
from tests.integration.admin.inbox.letters import HOUR, draft, wait
from tests.integration.admin.inbox.test_views import read, titles
from tests.integration.admin.rows import gate_of, start_new_customer, start_quote
from tests.plans import Step, steps
from workflows_app.admin.inbox import order
from workflows_app.admin.inbox.filters import Filters
from workflows_app.admin.inbox.rows import count


def test_by_workflow_it_has_the_gates_and_the_drafts_of_its_runs(console: Client, contracts: None) -> None:
    quote = start_quote(factories.CustomerFactory(companyname="Oak Hill").pk)
    new = start_new_customer()
    draft(new, "1")
    gates = {gate_of(run).title for run in (quote, new)}

    assert set(titles(read(console))) == {*gates, "Letter 1"}
    assert set(titles(read(console, "/inbox/?workflow=new_customer"))) == {gate_of(new).title, "Letter 1"}
    assert titles(read(console, "/inbox/?workflow=customer_quote")) == [gate_of(quote).title]
    assert titles(read(console, "/inbox/?workflow=unheard_of")) == []


def test_by_customer_it_has_every_name_with_that_text_in_it(console: Client) -> None:
    wait("1", customer_name="Straße School", expires=2 * HOUR)
    wait("2", customer_name="Oak Hill Schools")
    wait("3", customer_name="100% Food")
    decided = wait("4", customer_name="Old School")
    ProposedAction.objects.filter(pk=decided.pk).update(status=ProposalStatus.APPROVED)

    assert titles(read(console, "/inbox/?q=SCHOOL")) == ["Letter 1", "Letter 2"]
    assert titles(read(console, "/inbox/?q=%25")) == ["Letter 3"]
    assert titles(read(console, "/inbox/?q=nobody")) == []
    assert "Nothing that waits fits." in read(console, "/inbox/?q=nobody")


def test_by_kind_and_risk(console: Client) -> None:
    wait("1", action_type="collection_action", risk_level=4)
    wait("2", risk_level=4)
    wait("3")

    assert titles(read(console, "/inbox/?risk=4&kind=customer_email")) == ["Letter 2"]
    assert titles(read(console, "/inbox/?risk=x")) == []


def test_what_is_mine_to_decide_is_everything_for_an_approver_and_nothing_for_a_viewer(
    console: Client, viewer: Client
) -> None:
    wait("1")

    assert titles(read(console, "/inbox/?mine=1")) == ["Letter 1"]
    assert titles(read(viewer, "/inbox/?mine=1")) == []


def test_more_goes_on_where_the_page_ended_and_keeps_what_it_is_narrowed_to(
    console: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "PAGE", 2)
    ties = [("a", "5.00"), ("b", "7.00"), ("c", ""), ("d", ""), ("e", "7.00")]
    for number, amount in ties:
        wait(number, amount=amount, risk_level=2)
    ends = wait("late", due=-HOUR, risk_level=2).expires_at
    ProposedAction.objects.exclude(pk="cs-pro-late").update(expires_at=ends)
    wait("other", risk_level=5)
    url, seen = "/inbox/?risk=2", []

    while url:
        page = read(console, url)
        seen += titles(page)
        more = re.search(r'cs-inbox-more"><a href="([^"]*)"', page)
        url = more[1].replace("&amp;", "&") if more else ""

    assert [title.removeprefix("Letter ") for title in seen] == ["late", "b", "e", "a", "c", "d"]


def test_the_next_rows_come_without_a_page_around_them(console: Client) -> None:
    wait("1", expires=2 * HOUR)
    wait("2")

    rows = read(console, "/inbox/rows/?after=cs-pro-1")

    assert titles(rows) == ["Letter 2"]
    assert "<html" not in rows


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what is stored")
@pytest.mark.parametrize("narrowed", [{}, {"kind": "x"}, {"risk": "3"}, {"q": "oak"}, {"workflow": "new_customer"}])
def test_only_the_index_is_read_for_what_is_left_out(mike: User, contracts: None, narrowed: dict[str, str]) -> None:
    wait("1", customer_name="Oak Hill")
    now, filters = timezone.now(), Filters(**narrowed)
    found: list[Step] = []

    with steps(found):
        rows = filters.narrow(order.waiting(now), mike)
        order.page(rows, now, wait("2"))
        count(rows, now)

    taken = [step.how for step in found if "proposed_actions" in step.how]
    allowed = (
        "COVERING INDEX proposal_pending_narrowed",
        "INDEX proposal_pending_customer",
        "INDEX sqlite_autoindex_proposed_actions_1 (id=?)",
    )
    assert [step for step in taken if not any(name in step for name in allowed)] == []
    assert any("INDEX proposal_pending_" in step for step in taken)

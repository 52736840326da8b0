"""The card: names, what came of each effect, what was decided before, and a constant number of queries."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from approvals import services
from approvals.models import ProposedAction, Verdict
from tests import factories
from tests.integration.admin.rows import gate_of, leaf, letter, stage, start_new_customer, start_quote
from workflows_app.admin.proposals.page import card_page
from workflows_app.admin.proposals.precedents import memory_of
from workflows_app.triggers.work import work


def page_of(console: Client, proposal: ProposedAction) -> str:
    url = reverse("admin:approvals_proposedaction_change", args=[proposal.pk])
    return console.get(url).content.decode()


def decide(proposal: ProposedAction, user: User, verdict: Verdict = Verdict.APPROVE, reason: str = "") -> None:
    services.decide(proposal.pk, verdict, user=user, channel="test", digest=proposal.digest, reason=reason)


def test_ids_are_shown_by_their_names(console: Client, contracts: None) -> None:
    customer = factories.CustomerFactory(companyname="Maple Ridge Schools")
    gate = gate_of(start_quote(customer.id))

    page = page_of(console, gate)

    assert f'Maple Ridge Schools <code class="cs-id">{customer.id}</code>' in page
    assert "Approving this will" in page


def test_after_the_decision_each_effect_says_what_came_of_it(console: Client, mike: User, contracts: None) -> None:
    gate = gate_of(start_new_customer())
    decide(gate, mike)
    work()

    page = page_of(console, ProposedAction.objects.get(pk=gate.pk))

    assert "What was approved, and what came of it" in page
    assert "What will happen when you approve" not in page
    assert "waits to leave" in page  # the record for NetSuite
    assert "waits for its decision" in page  # the welcome letter


def case(number: str, **changes: str) -> ProposedAction:
    """A letter that no run has planned."""
    return stage(leaf(letter()), number, step="letter", **changes)


def test_a_case_of_the_same_customer_comes_before_those_of_others(mike: User) -> None:
    for number in range(6):
        decide(case(f"other-{number}", customer_name="Other"), mike, Verdict.REJECT, "No.")
    decide(case("same"), mike, Verdict.REJECT, "Too early.")

    memory = memory_of(case("now"))

    assert [found.proposal.pk for found in memory.same] == ["cs-pro-same"]
    assert memory.same[0].decision is not None
    assert memory.same[0].decision.reason == "Too early."
    assert len(memory.others) == 4
    assert {found.proposal.customer_name for found in memory.others} == {"Other"}


def test_what_is_undecided_or_of_another_kind_is_no_case(mike: User) -> None:
    case("pending")
    decide(case("kind", action_type="quote_email"), mike, Verdict.REJECT, "No.")

    assert not memory_of(case("now"))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Maple Ridge Schools", ""])
def test_similar_cases_are_found_by_an_index(name: str) -> None:
    proposal = case("1", customer_name=name)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        memory_of(proposal)

    found = [query["sql"] for query in queries if 'FROM "proposed_actions"' in query["sql"]]
    assert found
    if connection.vendor == "sqlite":
        for sql in found:
            assert "proposal_decided" in _plan(sql)


def _plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def test_a_card_costs_the_same_queries_whatever_it_lists(mike: User, contracts: None) -> None:
    customer = factories.CustomerFactory().id
    small = gate_of(start_quote(customer, "ITM-1", "ITM-2"))
    large = gate_of(start_quote(customer, *(f"BIG-{number}" for number in range(30))))
    counts = [_queries(proposal, mike) for proposal in (small, large)]

    for proposal in (small, large):
        decide(proposal, mike)
    work()
    after = [_queries(ProposedAction.objects.get(pk=proposal.pk), mike) for proposal in (small, large)]

    assert counts[0] == counts[1] <= 25
    assert after[0] == after[1] <= 25


def _queries(proposal: ProposedAction, user: User) -> int:
    with CaptureQueriesContext(connection) as queries:
        card_page(proposal, user, timezone.now())
    return len(queries)

"""What the search of growing lists finds, and that it says so."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests import factories
from tests.integration.admin.rows import gate_of, start_new_customer
from tests.world import World
from workflows_app.admin import large_tables, search
from workflows_app.models import RunHistory, WorkflowRun

pytestmark = pytest.mark.django_db

RUNS = "/workflows_app/workflowrun/"
PROPOSALS = "/approvals/proposedaction/"


@pytest.fixture
def client() -> Client:
    """Somebody who may look at everything."""
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser("looker"))
    return client


def found(client: Client, url: str, text: str) -> list[str]:
    """The primary keys of the rows that a search shows."""
    return sorted(str(row.pk) for row in client.get(url, {"q": text}).context["cl"].result_list)


def test_a_run_is_found_by_its_id_by_how_that_begins_and_by_its_trigger_key(world: World, client: Client) -> None:
    run, other = start_new_customer(), start_new_customer("Second")

    assert found(client, RUNS, run.pk) == found(client, RUNS, run.pk[:13]) == [run.pk]
    assert found(client, RUNS, "manual:new_customer:") == sorted([run.pk, other.pk])
    assert found(client, RUNS, run.pk[9:]) == []


def test_a_percent_sign_means_itself(world: World, client: Client) -> None:
    start_new_customer()

    assert found(client, RUNS, "%") == []


def test_what_belongs_to_a_run_is_found_by_the_run(world: World, client: Client) -> None:
    run, _ = start_new_customer(), start_new_customer("Second")

    rows = {str(pk) for pk in RunHistory.objects.filter(run=run).values_list("pk", flat=True)}

    assert set(found(client, "/workflows_app/runhistory/", run.pk[:13])) == rows
    assert found(client, PROPOSALS, run.pk) == [gate_of(run).pk]


@pytest.mark.parametrize("text", ["maple RIDGE", "food@MAPLERIDGE.example", "cus-7", "Maple Ridge Schools"])
def test_proposals_and_runs_are_found_by_their_customer(world: World, client: Client, text: str) -> None:
    factories.CustomerFactory(pk="cus-7", companyname="Maple Ridge Schools", email="Food@mapleridge.example")
    run = WorkflowRun.objects.get(pk=start_new_customer().pk)
    proposal = factories.ProposedActionFactory(run_id=run.pk, customer_name="Maple Ridge Schools")
    factories.ProposedActionFactory(customer_name="Somebody else")

    assert proposal.pk in found(client, PROPOSALS, text)
    assert found(client, RUNS, text) == [run.pk]


def test_of_a_customer_the_newest_are_found(world: World, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_OF_A_CUSTOMER", 1)
    factories.ProposedActionFactory(customer_name="Leeds", proposed_at=factories.moment(days=3))
    newest = factories.ProposedActionFactory(customer_name="Leeds", proposed_at=factories.moment(days=1))

    assert found(client, PROPOSALS, "Leeds") == [newest.pk]


def test_below_the_box_stands_what_the_search_looks_at(client: Client) -> None:
    text = client.get(RUNS).content.decode()

    assert '<p id="searchbar-help"' in text
    assert "Search by customer, run id, trigger key" in text


def test_a_filter_looks_among_the_newest_and_finds_every_row_of_what_is_rare(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_tables, "MOST_ROWS", 1)
    for days, state in [(5, "rejected"), (4, "rejected"), (3, "approved"), (2, "approved")]:
        factories.ProposedActionFactory(status=state, risk_level=4, proposed_at=factories.moment(days=days))

    def count(query: str) -> int:
        rows = client.get(f"{PROPOSALS}?{query}").context["cl"].queryset
        return int(rows.count())

    assert count("status__exact=rejected") == 2
    assert count("status__exact=approved") == 1
    assert count("risk_level=4") == 1

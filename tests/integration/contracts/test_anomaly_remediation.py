"""anomaly_remediation: findings become investigations, and one proposal with a remedy each."""

from decimal import Decimal

import pytest

from tests import factories
from tests.planning import Read, read_contract

pytestmark = pytest.mark.django_db


def read() -> Read:
    return read_contract("anomaly_remediation.v2")


@pytest.fixture
def _slim_margin() -> None:
    """One customer pays 10.50 for what costs 10.00: below the floor of 15 %."""
    customer = factories.CustomerFactory(id="42")
    item = factories.SpecItemFactory(item_code="A")
    factories.ItemCostFactory(item_code=item.item_code, cost=Decimal("10.00"))
    factories.PricingMasterFactory(customer_id=customer.id, item_code=item.item_code, case_price=Decimal("10.50"))


def test_without_anomalies_there_is_nothing_to_do() -> None:
    found = read()

    assert found.skipped("surface_dashboard") == "there is nothing to write"
    assert found.skipped("propose_remediation")


@pytest.mark.usefixtures("_slim_margin")
def test_a_finding_becomes_an_investigation_and_is_counted() -> None:
    investigation, week = read().effects("surface_dashboard")

    assert (investigation["table"], investigation["values"]["kind"]) == ("anomaly_investigations", "margin_compression")
    assert (week["match"], week["was"]) == ({"week_start": "2026-09-14", "kind": "margin_compression"}, None)
    assert (week["set"]["open_count"], week["set"]["total_count"]) == (1, 1)


@pytest.mark.usefixtures("_slim_margin")
def test_approving_proposes_the_price_and_takes_the_investigation_up() -> None:
    found = read()
    (proposal,) = found.effects("propose_remediation")
    price, progress = proposal["on_approve"]

    assert (price["values"]["case_price"], price["values"]["margin_pct"]) == ("11.77", "15.04")
    assert progress["id"] == found.effects("surface_dashboard")[0]["id"]
    assert (progress["set"], progress["was"]) == ({"status": "in_progress"}, {"status": "open"})


@pytest.mark.usefixtures("_slim_margin")
def test_each_finding_can_be_unticked() -> None:
    (proposal,) = read().effects("propose_remediation")

    assert {effect["element"] for effect in proposal["on_approve"]} == {
        finding["fingerprint"] for finding in proposal["payload"]["findings"]
    }
    assert all(effect["tick"] is True and effect["editable"] == ["tick"] for effect in proposal["on_approve"])


@pytest.mark.usefixtures("_slim_margin")
def test_a_finding_that_is_known_is_not_inserted_again_but_still_counts() -> None:
    fingerprint = read().context["findings"][0]["fingerprint"]
    factories.AnomalyInvestigationFactory(fingerprint=fingerprint, status="in_progress")

    found = read()
    (week,) = found.effects("surface_dashboard")

    assert found.skipped("propose_remediation")
    assert (week["set"]["open_count"], week["set"]["total_count"]) == (0, 1)

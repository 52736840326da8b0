"""Anomaly remediation: what the scan finds becomes investigations and one response, once a week."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from approvals import services
from approvals.canonical import parse
from approvals.models import ProposedAction
from tests import factories
from tests.company import customer, item
from tests.world import World, ago, changed, snapshot, status
from workflows_app.management.demo_data import load_demo_data
from workflows_app.models import (
    AnomalyInvestigation,
    Customer,
    ProposedPricing,
    VerifyResult,
    WeeklyAnomaly,
    WorkflowContract,
    WorkflowRun,
)
from workflows_app.runner.verify import run_due
from workflows_app.triggers import cron

SCAN = "anomaly_remediation"
TODAY = datetime.now(UTC).date()
SCHOOL_YEAR = TODAY.year if TODAY.month >= 7 else TODAY.year - 1


@pytest.fixture
def thin(world: World) -> Customer:
    """A customer who gets two items below the floor of 15 %; one price restores each."""
    oak = customer("O'Brien & Söhne 100%")
    for code in ("MILK", "RICE"):
        factories.SpecItemFactory(item_code=code)
        factories.ItemCostFactory(item_code=code, cost=Decimal("10.00"), effective_date=TODAY)
        factories.PricingMasterFactory(
            customer_id=oak.pk,
            item_code=code,
            case_price=Decimal("11.00"),
            school_year=f"{SCHOOL_YEAR}-{(SCHOOL_YEAR + 1) % 100:02}",
            effective_from=TODAY,
        )
    return oak


def scan(world: World) -> WorkflowRun:
    """One pass; it has no gate."""
    run = world.start(SCAN)
    world.work()
    run.refresh_from_db()
    return run


def response(run: WorkflowRun) -> ProposedAction:
    return ProposedAction.objects.get(run_id=run.pk, action_type="anomaly_response")


def test_findings_become_investigations_and_one_response(world: World, thin: Customer) -> None:
    run = scan(world)

    found = AnomalyInvestigation.objects.all()
    assert (run.status, run.proposal_id) == ("completed", "")
    assert {(row.kind, row.entity_id, row.status) for row in found} == {
        ("margin_compression", f"{thin.pk}:MILK", "open"),
        ("margin_compression", f"{thin.pk}:RICE", "open"),
    }
    assert len(parse(response(run).payload)["findings"]) == 2
    week = WeeklyAnomaly.objects.get()
    assert (week.kind, week.open_count, week.total_count) == ("margin_compression", 2, 2)


def test_the_scan_changes_no_price_by_itself(world: World, thin: Customer) -> None:
    before = snapshot()

    scan(world)

    assert changed(before) == {"anomaly_investigations": 2, "weekly_anomalies": 1}


def test_the_same_week_again_inserts_and_proposes_nothing(world: World, thin: Customer) -> None:
    scan(world)
    before = snapshot()

    again = scan(world)

    week = WeeklyAnomaly.objects.get()
    assert again.status == "completed"
    assert changed(before).keys() <= {"weekly_anomalies"}  # seen again just now
    assert (week.open_count, week.total_count) == (2, 2)
    assert not ProposedAction.objects.filter(run_id=again.pk).exists()


def test_a_further_finding_is_proposed_alone_and_counted_with_the_others(world: World, thin: Customer) -> None:
    scan(world)
    factories.SpecItemFactory(item_code="BEAN")
    factories.ItemCostFactory(item_code="BEAN", cost=Decimal("10.00"), effective_date=TODAY)
    row = factories.models.PricingMaster.objects.first()
    factories.PricingMasterFactory(
        customer_id=thin.pk, item_code="BEAN", case_price=Decimal("11.00"), school_year=row.school_year
    )

    run = scan(world)

    [finding] = parse(response(run).payload)["findings"]
    assert finding["item_code"] == "BEAN"
    assert WeeklyAnomaly.objects.get().total_count == 3


def test_a_healthy_company_has_nothing_to_propose(world: World) -> None:
    customer()
    item("MILK")

    run = scan(world)

    assert run.status == "completed"
    assert not ProposedAction.objects.exists()
    assert not AnomalyInvestigation.objects.exists()
    assert not WeeklyAnomaly.objects.exists()


def test_approving_offers_the_prices_that_restore_the_floor(world: World, thin: Customer) -> None:
    run = scan(world)

    world.approve(response(run))

    offers = ProposedPricing.objects.all()
    assert {(row.item_code, row.case_price, row.status) for row in offers} == {
        ("MILK", Decimal("11.77"), "open"),
        ("RICE", Decimal("11.77"), "open"),
    }
    assert all(row.margin_pct >= 15 for row in offers)
    assert set(AnomalyInvestigation.objects.values_list("status", flat=True)) == {"in_progress"}


def test_rejecting_offers_nothing(world: World, thin: Customer) -> None:
    run = scan(world)
    before = snapshot()

    world.decide(response(run), "reject")
    world.work()

    assert changed(before) == {}


def _effects_of(proposal: ProposedAction, code: str) -> list[dict[str, Any]]:
    """The effects of the finding about an item."""
    effects = parse(proposal.effects)["on_approve"]
    finding = next(row for row in parse(proposal.payload)["findings"] if row["item_code"] == code)
    return [effect for effect in effects if effect["element"] == finding["fingerprint"]]


def test_a_finding_that_was_unticked_is_left_out(world: World, thin: Customer) -> None:
    proposal = response(scan(world))
    edits = [{"item": effect["id"], "field": "tick", "value": False} for effect in _effects_of(proposal, "MILK")]

    result = _edit(world, proposal, edits)
    world.approve(ProposedAction.objects.get(pk=result.replacement_id))

    assert result.outcome == "superseded"
    assert [row.item_code for row in ProposedPricing.objects.all()] == ["RICE"]
    assert sorted(AnomalyInvestigation.objects.values_list("status", flat=True)) == ["in_progress", "open"]


def test_an_unticked_finding_cannot_be_approved_by_the_old_card(world: World, thin: Customer) -> None:
    proposal = response(scan(world))
    _edit(world, proposal, [{"item": _effects_of(proposal, "MILK")[0]["id"], "field": "tick", "value": False}])

    assert world.approve(proposal).outcome == "refused"
    assert not ProposedPricing.objects.exists()


def test_only_the_tick_of_a_finding_can_be_edited(world: World, thin: Customer) -> None:
    proposal = response(scan(world))
    effect = _effects_of(proposal, "MILK")[0]["id"]

    result = _edit(world, proposal, [{"item": effect, "field": "values", "value": {"case_price": "1.00"}}])

    assert result.outcome == "refused"


def test_every_finding_is_surfaced_by_verify(world: World, thin: Customer) -> None:
    run = scan(world)

    run_due(ago(minutes=-2))

    assert VerifyResult.objects.get(run=run).status == "pass"


def test_the_three_minutes_of_an_hour_find_it_once(world: World, thin: Customer) -> None:
    hour = ago(minutes=0).replace(minute=0, second=0, microsecond=0)
    WorkflowContract.objects.exclude(workflow_type=SCAN).update(paused=True)
    WorkflowContract.objects.filter(workflow_type=SCAN).update(activated_at=hour - timedelta(seconds=1))

    for minute in (22, 37, 52):
        cron.start_due(hour + timedelta(minutes=minute, seconds=5))
        world.work()

    assert WorkflowRun.objects.filter(workflow_type=SCAN, status="completed").count() == 3
    assert AnomalyInvestigation.objects.count() == 2
    assert ProposedAction.objects.count() == 1


def test_the_demo_company_without_its_anomalies_has_none(world: World) -> None:
    load_demo_data(ago(minutes=0), without_anomalies=True)

    run = scan(world)

    assert status(run) == "completed"
    assert not AnomalyInvestigation.objects.exists()
    assert not ProposedAction.objects.exists()


def _edit(world: World, proposal: ProposedAction, edits: list[dict[str, Any]]) -> services.DecisionResult:
    return services.edit(proposal.pk, edits, user=world.mike, channel="test", digest=proposal.digest)

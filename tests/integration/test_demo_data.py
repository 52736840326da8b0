"""The demo company as of one day: what is in it, and that its numbers fit together."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import Max, Min, Sum

from fixtures.demo.make_demo import write
from workflows_app import models
from workflows_app.management.demo_data import FOLDER, load_demo_data
from workflows_app.netsuite.aging import rebuild_aging
from workflows_app.providers.registry import PROVIDERS
from workflows_app.reading.scope import Scope

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
ANSWERS = json.loads((FOLDER / "known_answers.json").read_text(encoding="utf-8"))
SCENARIOS = ANSWERS["scenarios"]


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup, django_db_blocker):
    """The rows per table; loaded once for all tests here, inside a transaction that is rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_demo_data(NOON)
        transaction.set_rollback(True)


def _overdue():
    rows = models.ArAging.objects.filter(days_overdue__gt=0).values("customer_id")
    return {row["customer_id"]: row for row in rows.annotate(total=Sum("amount"), oldest=Max("days_overdue"))}


def test_the_findings_have_the_planted_numbers():
    found = PROVIDERS["anomaly_scan"].load(Scope(now=NOON), {}, [])
    rows = {(row["kind"], row["entity_id"]): row for row in found}

    for answer in ANSWERS["anomalies"]:
        row, numbers = rows[answer["kind"], answer["entity_id"]], dict(answer["numbers"])
        usual = Decimal(numbers.pop("about", 0))
        remedy = numbers.pop("remedy_price", None)
        assert row["evidence"] | numbers == row["evidence"]
        assert remedy is None or row["remedy_price"] == Decimal(remedy)
        assert abs(usual - Decimal(row["evidence"].get("usual_cost") or row["evidence"].get("usual_cases") or 0)) <= (
            usual * Decimal("0.2") if usual else 100_000
        )


def test_each_kind_is_planted():
    kinds = {answer["kind"] for answer in ANSWERS["anomalies"]}

    assert kinds == {"margin_compression", "vendor_cost_spike", "order_pattern_shift"}


def test_the_files_are_what_the_script_makes(tmp_path):
    write(tmp_path)

    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.json*")}
    kept = {path.relative_to(FOLDER): path.read_bytes() for path in Path(FOLDER).rglob("*.json*")}
    assert made == kept
    assert sum(map(len, kept.values())) < 5_000_000


def test_it_is_a_whole_company(demo):
    assert demo["customers"] >= 60
    assert (demo["sales_reps"], demo["vendors"], demo["spec_items"]) == (8, 12, 200)
    assert set(models.Customer.objects.values_list("entitystatus", flat=True)) == {
        "active",
        "hold",
        "closed",
        "prospect",
    }
    types = set(models.Transaction.objects.values_list("type", flat=True))
    assert types == {"CustInvc", "CustPymt", "SalesOrd", "Estimate", "VendBill"}
    assert set(models.Quote.objects.values_list("lifecycle_status", flat=True)) == {
        "draft", "proposed", "sent", "accepted", "expired",
    }  # fmt: skip


def test_orders_and_costs_reach_back_eighteen_months():
    orders = models.Transaction.objects.filter(type="SalesOrd").aggregate(Min("trandate"), Max("trandate"))
    first_cost = models.ItemCost.objects.aggregate(Min("effective_date"))["effective_date__min"]

    assert orders["trandate__min"] <= date(2026, 11, 18) - timedelta(days=540)
    assert date(2026, 11, 9) <= orders["trandate__max"] <= date(2026, 11, 18)
    assert first_cost <= date(2026, 11, 18) - timedelta(days=540)


def test_unapplied_payments_cover_debts():
    owed = _overdue()
    covered, part = SCENARIOS["unapplied_in_full"], SCENARIOS["unapplied_in_part"]
    assert covered not in owed
    with_payment = owed[part]["total"]

    models.CustomerPayment.objects.filter(transaction_id=None).delete()
    rebuild_aging(NOON.date())

    assert _overdue()[covered]["total"] > 0
    assert _overdue()[part]["total"] > with_payment


def test_what_is_open_is_the_total_less_the_applied_payments():
    paid = dict(
        models.CustomerPayment.objects.exclude(transaction_id=None)
        .values("transaction_id")
        .annotate(paid=Sum("amount"))
        .values_list("transaction_id", "paid")
    )
    for invoice in models.Transaction.objects.filter(type="CustInvc"):
        assert invoice.foreigntotal - paid.get(invoice.id, Decimal(0)) == invoice.foreignamountunpaid


def test_lines_add_up_to_their_order():
    lines = dict(
        models.TransactionLine.objects.values("transaction_id")
        .annotate(total=Sum("amount"))
        .values_list("transaction_id", "total")
    )
    for order in models.Transaction.objects.filter(type="SalesOrd"):
        assert order.foreigntotal == lines[order.id]


@pytest.mark.parametrize(("scenario", "count"), [("one_prior_dispute", 1), ("two_prior_disputes", 2)])
def test_prior_disputes_differ(scenario, count):
    disputes = models.ArDispute.objects.filter(customer_id=SCENARIOS[scenario], status__in=["open", "escalated"])

    assert disputes.count() == count


def test_dunning_is_paused_and_a_hold_is_on():
    assert models.ArDispute.objects.get(customer_id=SCENARIOS["dunning_paused"]).dunning_paused
    assert models.Customer.objects.get(id=SCENARIOS["on_hold"]).entitystatus == "hold"
    assert models.CustomerProgram.objects.filter(
        customer_id=SCENARIOS["on_hold"], type="service_hold", status="active", deleted_at=None
    ).exists()


def test_names_have_accents_quotes_percent_and_emoji():
    for name in ("O'Brien & Söhne 100%", "100% Juice Co", "Café Ñandú 🥐", 'Taquería "El Güero"'):
        assert models.Customer.objects.filter(companyname=name).exists()


def test_the_payments_sync_is_fresh():
    newest = models.SyncLog.objects.filter(sync_type="scheduled_hot_customer_payments").aggregate(Max("completed_at"))

    assert NOON - timedelta(hours=1) < newest["completed_at__max"] < NOON


def test_an_item_without_any_price_is_there():
    params = {
        "customer_id": SCENARIOS["quote_customer"],
        "item_codes": [SCENARIOS["unpriceable_item"]],
        "school_year": "2026-27",
        "quote_id": None,
    }

    (line,) = PROVIDERS["quote_pricing"].load(Scope(now=NOON), params, [])

    assert line["case_price"] is None


def test_every_reference_leads_somewhere():
    customers = set(models.Customer.objects.values_list("id", flat=True))
    items = set(models.SpecItem.objects.values_list("item_code", flat=True))
    transactions = set(models.Transaction.objects.values_list("id", flat=True))
    references = [
        (models.Transaction.objects.exclude(customer_id=None), "customer_id", customers),
        (models.TransactionLine.objects.all(), "transaction_id", transactions),
        (models.TransactionLine.objects.all(), "item_code", items),
        (models.CustomerPayment.objects.exclude(transaction_id=None), "transaction_id", transactions),
        (models.PricingMaster.objects.all(), "customer_id", customers),
        (models.QuoteLine.objects.all(), "item_code", items),
    ]
    for rows, column, known in references:
        assert set(rows.values_list(column, flat=True)) <= known

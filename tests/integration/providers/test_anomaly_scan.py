"""The scan over the tables: what it reads, and what is new."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.canonical import canonical
from tests.factories import (
    NOW,
    TODAY,
    AnomalyInvestigationFactory,
    CustomerFactory,
    ItemCostFactory,
    PricingMasterFactory,
    SpecItemFactory,
    TransactionFactory,
    TransactionLineFactory,
    VendorFactory,
    days_ago,
)
from workflows_app.providers.registry import PROVIDERS
from workflows_app.reading.scope import Scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return CustomerFactory(companyname="O'Brien & Söhne 100%")


@pytest.fixture
def item():
    return SpecItemFactory(item_code="RICE", description="Rice")


def _scan(now=NOW):
    return PROVIDERS["anomaly_scan"].load(Scope(now=now), {}, [])


def _costs(*costs, newest=10):
    for number, cost in enumerate(reversed(costs)):
        ItemCostFactory(
            item_code="RICE", vendor_id="201", cost=Decimal(cost), effective_date=days_ago(newest + 30 * number)
        )


def _orders(customer, *cases, status="Billed", code="RICE"):
    """An order in each of the last full weeks, the last one last; 0 is a week without."""
    for number, quantity in enumerate(reversed(cases)):
        if quantity:
            order = TransactionFactory(
                order=True, customer_id=customer.id, trandate=TODAY - timedelta(days=7 * number + 4), status=status
            )
            TransactionLineFactory(transaction_id=order.id, item_code=code, quantity=Decimal(quantity))


def test_an_empty_database_has_no_anomalies():
    assert _scan() == []


def test_a_compressed_margin_is_found_with_its_remedy(customer, item):
    PricingMasterFactory(customer_id=customer.id, item_code="RICE", case_price=Decimal("11.00"))
    _costs("10.00")

    (row,) = _scan()

    assert (row["kind"], row["entity_id"]) == ("margin_compression", f"{customer.id}:RICE")
    assert (row["customer_id"], row["customer_name"]) == (customer.id, "O'Brien & Söhne 100%")
    assert (row["remedy_kind"], row["remedy_price"], row["school_year"]) == ("new_price", Decimal("11.77"), "2026-27")


@pytest.mark.parametrize("status", ["hold", "closed", "prospect"])
def test_only_active_customers_are_judged(item, status):
    customer = CustomerFactory(entitystatus=status)
    PricingMasterFactory(customer_id=customer.id, item_code="RICE", case_price=Decimal("11.00"))
    _costs("10.00")
    _orders(customer, *[20] * 12, 90)

    assert _scan() == []


def test_inactive_items_are_not_judged(customer):
    SpecItemFactory(item_code="RICE", inactive=True)
    PricingMasterFactory(customer_id=customer.id, item_code="RICE", case_price=Decimal("11.00"))
    _costs(*["10.00"] * 6, "15.00")
    _orders(customer, *[20] * 12, 90)

    assert _scan() == []


def test_a_cost_that_is_not_in_force_yet_is_not_read(customer, item):
    PricingMasterFactory(customer_id=customer.id, item_code="RICE", case_price=Decimal("15.00"))
    _costs(*["10.00"] * 6, "15.00", newest=-1)

    assert _scan() == []


def test_a_vendor_cost_spike_names_the_vendor(item):
    VendorFactory(id="201", name="Crème de la Crème")
    _costs(*["10.00"] * 6, "14.00")

    (row,) = _scan()

    assert (row["kind"], row["vendor_id"], row["remedy_kind"]) == ("vendor_cost_spike", "201", "call_vendor")
    assert row["title"].startswith("Crème de la Crème charges 14.00 for RICE Rice")


def test_the_last_full_week_is_judged_and_the_running_one_is_not(customer, item):
    _orders(customer, *[20] * 12, 90)
    running = TransactionFactory(order=True, customer_id=customer.id, trandate=TODAY)
    TransactionLineFactory(transaction_id=running.id, item_code="RICE", quantity=Decimal(500))

    (row,) = _scan()

    assert row["evidence"]["cases"] == "90.00"


def test_cancelled_orders_and_other_transactions_are_not_counted(customer, item):
    _orders(customer, *[20] * 13)
    _orders(customer, 400, status="Cancelled")
    invoice = TransactionFactory(customer_id=customer.id, trandate=days_ago(4))
    TransactionLineFactory(transaction_id=invoice.id, item_code="RICE", quantity=Decimal(400))

    assert _scan() == []


def test_several_orders_of_a_week_are_added_up(customer, item):
    _orders(customer, *[20] * 13)
    _orders(customer, *[70])

    (row,) = _scan()

    assert row["evidence"]["cases"] == "90.00"


def test_a_finding_is_new_until_it_is_investigated_and_again_in_the_next_week(customer, item):
    _costs(*["10.00"] * 6, "14.00")
    (first,) = _scan()
    AnomalyInvestigationFactory(fingerprint=first["fingerprint"], status="dismissed")

    (same_week,) = _scan(NOW + timedelta(days=3))
    (next_week,) = _scan(NOW + timedelta(days=7))

    assert (first["is_new"], same_week["is_new"], next_week["is_new"]) == (True, False, True)


def test_the_rows_have_the_columns_of_the_spec_and_are_sorted_by_their_key(customer, item):
    PricingMasterFactory(customer_id=customer.id, item_code="RICE", case_price=Decimal("11.00"))
    _costs(*["10.00"] * 6, "14.00")
    _orders(customer, *[20] * 12, 90)

    rows = _scan()

    assert [row["kind"] for row in rows] == ["margin_compression", "order_pattern_shift", "vendor_cost_spike"]
    assert all(set(row) == set(PROVIDERS["anomaly_scan"].spec.columns) for row in rows)


def test_rows_can_be_written_down_canonically(customer, item):
    PricingMasterFactory(customer_id=customer.id, item_code="RICE", case_price=Decimal("11.00"))
    _costs(*["10.00"] * 6, "14.00")

    assert all(canonical(row["evidence"]) == row["evidence_text"] for row in _scan())


def test_the_number_of_queries_does_not_grow(customer, item):
    for number in range(20):
        code = SpecItemFactory().item_code
        PricingMasterFactory(customer_id=customer.id, item_code=code)
        ItemCostFactory(item_code=code, vendor_id=str(number))

    with CaptureQueriesContext(connection) as queries:
        _scan()

    assert len(queries) <= 7

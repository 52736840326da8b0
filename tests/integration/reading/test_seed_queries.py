"""Test 20 of QUALITY.md for the queries of the five source documents, letter for letter."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.integration.reading.world import NOW, column, read
from workflows_app.models import AnomalyInvestigation, CustomerProgram, OutboundEmail, PaymentTerm, Transaction

pytestmark = pytest.mark.usefixtures("rows")
D = Decimal


def test_anomalies_of_the_last_two_hours() -> None:
    for n, (hour, status) in enumerate([(9, "open"), (10, "open"), (11, "open"), (11, "resolved")]):
        AnomalyInvestigation.objects.create(
            id=f"a{n}",
            kind="margin_compression",
            entity_type="item",
            entity_id="A1",
            severity="high",
            evidence="{}",
            fingerprint=f"f{n}",
            status=status,
            created_at=datetime(2026, 3, 31, hour, 0, 0, 300_000, tzinfo=UTC),
        )

    recent = "SELECT * FROM anomaly_investigations WHERE created_at > datetime('now','-2 hours') AND status='open'"
    surfaced = "SELECT COUNT(*) FROM anomaly_investigations WHERE created_at > ?"

    assert [(row["id"], row["created_at"].hour, row["kind"]) for row in read(recent)] == [
        ("a1", 10, "margin_compression"),
        ("a2", 11, "margin_compression"),
    ]
    assert read(surfaced, datetime(2026, 3, 31, 11, tzinfo=UTC), shape="value") == 2


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("ähre & söhne 100%", ["1"]),
        ("100% JUICE CO", ["3"]),
        ("100_ Juice Co", []),
        ("O'BRIEN", ["B"]),
        ("under_score \\ BACK", ["4"]),
        ("under%", []),
        ("'; DROP TABLE customers; --", []),
    ],
)
def test_a_customer_of_that_name(name: str, found: list[str]) -> None:
    sql = """
      SELECT
      id, companyname
      FROM customers
      WHERE LOWER(companyname) = LOWER(?)
      OR LOWER(companyname) LIKE LOWER(?)"""

    assert column(sql, name, name) == found


def test_a_customer_of_that_address_and_the_default_terms() -> None:
    PaymentTerm.objects.create(id="t30", name="Net 30", days=30)

    by_email = "SELECT id, companyname FROM customers WHERE LOWER(email) = LOWER(?)"

    assert read(by_email, "JUICE@example.com", shape="one") == {"id": "3", "companyname": "100% Juice Co"}
    assert read(by_email, "nobody@example.com", shape="one") is None
    assert read("SELECT id FROM payment_terms WHERE name='Net 30'", shape="value") == "t30"


def test_the_new_customer_is_there_and_netsuite_has_confirmed_it() -> None:
    persisted = "SELECT id FROM customers WHERE companyname=?"
    reflects = "SELECT id FROM customers WHERE companyname=? AND lastmodifieddate > ?"

    assert column(persisted, "élan") == ["a"]
    assert column(persisted, "Élan") == []
    assert column(reflects, "élan", NOW) == []


def test_the_context_of_a_quote() -> None:
    for n, (status, deleted) in enumerate([("active", None), ("active", NOW), ("ended", None)]):
        CustomerProgram.objects.create(
            id=f"g{n}", customer_id="1", type="tier", name=f"n{n}", status=status, starts_at=NOW, deleted_at=deleted
        )
    pricing = """SELECT item_code, case_price, cost_basis, margin_pct
      FROM pricing_master WHERE customer_id=? AND item_code IN (?) AND school_year=?"""
    quotes = """SELECT id, generated_at FROM quotes
      WHERE customer_id=? AND lifecycle_status IN ('draft','proposed','sent') ORDER BY generated_at DESC LIMIT 3"""

    assert read("SELECT * FROM customers WHERE id=?", "1", shape="one") == {
        "id": "1",
        "ns_id": None,
        "companyname": "Ähre & Söhne 100%",
        "email": "ä@example.com",
        "phone": None,
        "billing_address": None,
        "shipping_address": None,
        "entitystatus": "active",
        "credit_limit": D("100.10"),
        "terms_id": None,
        "sales_rep": None,
        "pricing_tier": "standard",
        "lastmodifieddate": None,
        "created_at": NOW,
    }
    active = "SELECT * FROM customer_programs WHERE customer_id=? AND status='active' AND deleted_at IS NULL"
    assert column(active, "1") == ["g0"]
    assert read(pricing, "1", ["A2", "A1", "A9"], "2026-27") == [
        {"item_code": "A1", "case_price": D("12.50"), "cost_basis": D("10.00"), "margin_pct": D("12.50")},
        {"item_code": "A2", "case_price": D("7.00"), "cost_basis": None, "margin_pct": None},
    ]
    assert read(pricing, "1", [], "2026-27") == []
    assert read(quotes, "1") == [
        {"id": "q0", "generated_at": datetime(2026, 3, 2, tzinfo=UTC)},
        {"id": "q2", "generated_at": datetime(2026, 3, 2, tzinfo=UTC)},
        {"id": "q4", "generated_at": datetime(2026, 3, 2, tzinfo=UTC)},
    ]


def test_the_verify_checks_of_a_quote(proposals: None) -> None:
    for n, hour in enumerate([None, 9, 11, 10]):
        sent_at = None if hour is None else datetime(2026, 3, 31, hour, tzinfo=UTC)
        OutboundEmail.objects.create(
            id=f"e{n}",
            proposed_action_id="x3",
            message_id=f"<e{n}@example.com>",
            related_quote_id="q1",
            status="sent",
            to="x@example.com",
            created_at=NOW,
            sent_at=sent_at,
        )
    sent = "SELECT id FROM outbound_email_log WHERE related_quote_id=? AND status='sent' ORDER BY sent_at DESC LIMIT 1"

    assert read("SELECT id, lifecycle_status FROM quotes WHERE id=?", "q1") == [
        {"id": "q1", "lifecycle_status": "sent"}
    ]
    assert column(sent, "q1") == ["e2"]


def test_the_context_of_a_dispute() -> None:
    for n, type in enumerate(["CustInvc", "SalesOrd"]):
        Transaction.objects.create(
            id=f"i{n}", type=type, tranid="INV1", trandate=date(2026, 2, 28), foreigntotal=D("1250"), status="open"
        )
    invoice = "SELECT id, tranid, foreigntotal, trandate FROM transactions WHERE type='CustInvc' AND tranid=?"
    payments = "SELECT * FROM customer_payments WHERE customer_id=? AND payment_date > datetime('now','-90 days')"
    disputes = "SELECT COUNT(*) FROM ar_disputes WHERE customer_id=? AND status IN ('open','escalated')"

    assert read(invoice, "INV1", shape="one") == {
        "id": "i0",
        "tranid": "INV1",
        "foreigntotal": D("1250.00"),
        "trandate": date(2026, 2, 28),
    }
    assert read(invoice, None, shape="one") is None
    assert [(row["id"], row["amount"], row["transaction_id"]) for row in read(payments, "1")] == [
        ("m2", D("2.00"), None),
        ("m3", D("3.00"), None),
    ]
    assert read(disputes, "1", shape="value") == 2
    assert read(disputes, None, shape="value") == 0


def test_what_is_overdue_by_customer() -> None:
    aging = """SELECT customer_id, customer_name, SUM(amount) AS total_open, MAX(days_overdue) AS days_overdue,
      COUNT(*) AS invoices FROM ar_aging WHERE days_overdue > 0 GROUP BY customer_id, customer_name
      ORDER BY customer_id"""

    assert [tuple(row.values()) for row in read(aging)] == [
        ("1", "Ähre", D("30.30"), 95, 2),
        ("2", "Juice", D("0.01"), 1, 1),
    ]


def test_what_was_proposed_before(proposals: None) -> None:
    prior = """SELECT customer_name, MAX(proposed_at) AS last_proposed_at FROM proposed_actions
      WHERE action_type='collection_action' GROUP BY customer_name"""
    staged = "SELECT COUNT(*) FROM proposed_actions WHERE action_type='collection_action' AND proposed_at > ?"
    drafted = "SELECT id FROM proposed_actions WHERE action_type='customer_email' AND proposed_at > ? AND run_id=?"

    assert read(prior) == [
        {"customer_name": "Juice", "last_proposed_at": datetime(2026, 3, 30, tzinfo=UTC)},
        {"customer_name": "Ähre", "last_proposed_at": datetime(2026, 3, 31, tzinfo=UTC)},
    ]
    assert read(staged, datetime(2026, 3, 29, 12, tzinfo=UTC), shape="value") == 2
    assert column(drafted, datetime(2026, 3, 1, tzinfo=UTC), "r3") == ["x3"]

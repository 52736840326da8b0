"""The five contracts say what the seeds say, letter for letter (blanks in SQL aside)."""

from typing import Any

import pytest

from tests.planning import released
from workflows_app.contracts.schema import Contract

STEPS = {
    "new_customer": [
        ("write_d1", "d1_write"),
        ("write_ns", "ns_push"),
        ("assign_programs", "d1_write"),
        ("welcome_email", "hitl_email_draft"),
    ],
    "customer_quote": [
        ("write_quote", "d1_write"),
        ("render_pdf", "http_call"),
        ("send_email", "hitl_email_draft"),
        ("ns_push", "ns_push"),
        ("ar_forecast_touch", "d1_write"),
    ],
    "customer_invoice_dispute": [
        ("draft_response", "hitl_email_draft"),
        ("escalate", "stage_proposed_action"),
        ("ar_hold_decision", "stage_proposed_action"),
    ],
    "ar_aging_action_plan": [
        ("draft_per_tier", "loop_over_aging"),
        ("pause_on_hold_check", "flag"),
        ("sales_rep_notify", "hitl_email_draft"),
    ],
    "anomaly_remediation": [
        ("propose_remediation", "stage_proposed_action"),
        ("surface_dashboard", "d1_write"),
    ],
}
HEADS = {
    "new_customer": ("New customer onboard", "Customer ops", 3),
    "customer_quote": ("Customer quote (canonical)", "Customer ops", 3),
    "customer_invoice_dispute": ("Customer invoice dispute", "Customer ops", 3),
    "ar_aging_action_plan": ("AR collections action plan", "AR", 3),
    "anomaly_remediation": ("Anomaly remediation", "Anomaly & guardrail", 2),
}
RULES = {
    "new_customer": {
        "no_duplicate": ("existing_by_name IS NULL AND existing_by_email IS NULL", "block"),
        "valid_email": ("contact_email LIKE '%@%'", "warn"),
    },
    "customer_quote": {
        "customer_exists": ("customer.id IS NOT NULL", "block"),
        "items_resolved": ("all item_codes match spec_items.item_code", "warn"),
        "customer_not_on_hold": ("customer.entitystatus != 'hold'", "block"),
        "margin_floor": ("all line.margin_pct >= 15", "warn"),
    },
    "customer_invoice_dispute": {"invoice_exists": ("invoice IS NOT NULL OR invoice_ref IS NULL", "warn")},
    "ar_aging_action_plan": {
        "aging_data_fresh": (
            "MAX(sync_log.completed_at WHERE sync_type='scheduled_hot_customer_payments') > ago('24 hours')",
            "warn",
        )
    },
    "anomaly_remediation": {},
}
QUERIES = {
    "new_customer": {
        "existing_by_name": (
            "SELECT id, companyname FROM customers WHERE LOWER(companyname) = LOWER(?) "
            "OR LOWER(companyname) LIKE LOWER(?)"
        ),
        "existing_by_email": "SELECT id, companyname FROM customers WHERE LOWER(email) = LOWER(?)",
        "default_terms": "SELECT id FROM payment_terms WHERE name='Net 30'",
    },
    "customer_quote": {
        "customer": "SELECT * FROM customers WHERE id=?",
        "customer_programs": (
            "SELECT * FROM customer_programs WHERE customer_id=? AND status='active' AND deleted_at IS NULL"
        ),
        "current_pricing": (
            "SELECT item_code, case_price, cost_basis, margin_pct FROM pricing_master WHERE customer_id=? "
            "AND item_code IN (?) AND school_year=?"
        ),
        "open_quotes": (
            "SELECT id, generated_at FROM quotes WHERE customer_id=? AND lifecycle_status IN "
            "('draft','proposed','sent') ORDER BY generated_at DESC LIMIT 3"
        ),
    },
    "customer_invoice_dispute": {
        "invoice": "SELECT id, tranid, foreigntotal, trandate FROM transactions WHERE type='CustInvc' AND tranid=?",
        "recent_payments": (
            "SELECT * FROM customer_payments WHERE customer_id=? AND payment_date > datetime('now','-90 days')"
        ),
        "prior_disputes": ("SELECT COUNT(*) FROM ar_disputes WHERE customer_id=? AND status IN ('open','escalated')"),
    },
    "ar_aging_action_plan": {
        "aging": (
            "SELECT customer_id, customer_name, SUM(amount) AS total_open, MAX(days_overdue) AS days_overdue, "
            "COUNT(*) AS invoices FROM ar_aging WHERE days_overdue > 0 GROUP BY customer_id, customer_name "
            "ORDER BY customer_id"
        ),
        "prior_actions": (
            "SELECT customer_name, MAX(proposed_at) AS last_proposed_at FROM proposed_actions "
            "WHERE action_type='collection_action' GROUP BY customer_name"
        ),
    },
    "anomaly_remediation": {
        "recent_anomalies": (
            "SELECT * FROM anomaly_investigations WHERE created_at > datetime('now','-2 hours') AND status='open'"
        ),
    },
}
VERIFY = {
    "new_customer": {
        "customer_persisted": (5, "SELECT id FROM customers WHERE companyname=?"),
        "ns_customer_reflects": (900, "SELECT id FROM customers WHERE companyname=? AND lastmodifieddate > ?"),
    },
    "customer_quote": {
        "quote_persisted": (2, "SELECT id, lifecycle_status FROM quotes WHERE id=?"),
        "pdf_stored": (10, None),
        "email_sent": (
            30,
            "SELECT id FROM outbound_email_log WHERE related_quote_id=? AND status='sent' "
            "AND EXISTS (SELECT p.id FROM proposed_actions p WHERE p.id = outbound_email_log.proposed_action "
            "AND p.run_id=?) "
            "ORDER BY sent_at DESC LIMIT 1",
        ),
    },
    "customer_invoice_dispute": {
        "response_drafted": (
            30,
            "SELECT id FROM proposed_actions WHERE action_type='customer_email' AND proposed_at > ? AND run_id=?",
        ),
    },
    "ar_aging_action_plan": {
        "actions_staged": (
            10,
            "SELECT COUNT(*) FROM proposed_actions WHERE action_type='collection_action' AND proposed_at > ?",
        ),
    },
    "anomaly_remediation": {
        "anomalies_surfaced": (10, "SELECT COUNT(*) FROM anomaly_investigations WHERE created_at > ?"),
    },
}
# What is not in the seeds, and what each failed check proposes (docs/decisions.md).
ADDED_CHECKS = {"customer_quote": {"ns_quote_reflects"}, "customer_invoice_dispute": {"response_sent"}}
AGAIN = {
    "ns_customer_reflects": "write_ns",
    "ns_quote_reflects": "ns_push",
    "email_sent": "send_email",
    "response_sent": "draft_response",
}
RETRY = {
    "new_customer": (3, "exponential", 1500, 30000, True),
    "customer_quote": (3, "exponential", 1500, 30000, True),
    "customer_invoice_dispute": (2, "linear", 3000, 3_600_000, True),
    "ar_aging_action_plan": (3, "exponential", 1500, 30000, True),
    "anomaly_remediation": (1, "none", 0, 3_600_000, False),
}
# ar_aging_action_plan's source names the tables only: "log_run → workflow_run_log", "reflexion → reflexion_log".
POST_ACTIONS = {
    "new_customer": ("INSERT workflow_runs", "INSERT reflexion_log with tags=new_customer"),
    "customer_quote": ("INSERT workflow_runs", "INSERT reflexion_log with tags=quote,customer:?,school_year:?"),
    "customer_invoice_dispute": ("INSERT workflow_runs", "INSERT reflexion_log with tags=invoice_dispute,customer:?"),
    "ar_aging_action_plan": ("INSERT workflow_run_log", "INSERT reflexion_log"),
    "anomaly_remediation": ("INSERT workflow_runs", "INSERT reflexion_log with tags=anomaly_remediation"),
}
REQUIRED = {
    "new_customer": {"company_name", "contact_email", "billing_address"},
    "customer_quote": {"customer_id", "item_codes", "school_year"},
    "customer_invoice_dispute": {"email_uuid", "reason_text"},
    "ar_aging_action_plan": set(),
    "anomaly_remediation": set(),
}
OPTIONAL = {
    "new_customer": {"contact_phone", "shipping_address", "credit_limit", "terms", "sales_rep", "pricing_tier"},
    "customer_quote": {"quote_id", "catalog", "include_pdf"},
    "customer_invoice_dispute": {"customer_id", "invoice_ref"},
    "ar_aging_action_plan": set(),
    "anomaly_remediation": set(),
}
TYPES = pytest.mark.parametrize("workflow_type", STEPS)


def contract(workflow_type: str) -> Contract:
    return released(f"{workflow_type}.v2")


def words(sql: str | None) -> str | None:
    return None if sql is None else " ".join(sql.split())


@TYPES
def test_title_category_and_risk(workflow_type: str) -> None:
    found = contract(workflow_type)

    assert (found.title, found.category, found.risk_level) == HEADS[workflow_type]
    assert (found.contract_version, found.owner, found.reflexion.enabled) == (2, None, True)


@TYPES
def test_inputs(workflow_type: str) -> None:
    inputs = contract(workflow_type).inputs

    assert {spec.name for spec in inputs if spec.required} == REQUIRED[workflow_type]
    assert {spec.name for spec in inputs if not spec.required} == OPTIONAL[workflow_type]


@TYPES
def test_steps_and_their_kinds_in_order(workflow_type: str) -> None:
    assert [(step.name, step.kind) for step in contract(workflow_type).fan_out] == STEPS[workflow_type]


@TYPES
def test_every_rule_of_the_seed_stands(workflow_type: str) -> None:
    rules = {check.check: (check.rule, check.severity) for check in contract(workflow_type).preconditions}

    assert {name: rules.get(name) for name in RULES[workflow_type]} == RULES[workflow_type]


@TYPES
def test_every_query_of_the_seed_stands(workflow_type: str) -> None:
    queries = {entry.name: words(entry.sql) for entry in contract(workflow_type).context}

    assert {name: queries.get(name) for name in QUERIES[workflow_type]} == QUERIES[workflow_type]


@TYPES
def test_verify_checks_with_their_windows(workflow_type: str) -> None:
    checks = {each.name: (each.window, words(getattr(each, "sql", None))) for each in contract(workflow_type).verify}

    assert {name: checks.get(name) for name in VERIFY[workflow_type]} == VERIFY[workflow_type]
    assert checks.keys() - VERIFY[workflow_type].keys() == ADDED_CHECKS.get(workflow_type, set())


@TYPES
def test_post_actions(workflow_type: str) -> None:
    found = [(each.id, each.action) for each in contract(workflow_type).post_actions]

    assert found == list(zip(("log_run", "reflexion"), POST_ACTIONS[workflow_type], strict=True))


@TYPES
def test_retry(workflow_type: str) -> None:
    found = contract(workflow_type).retry

    assert (
        found.max_attempts, found.backoff, found.base_ms, found.max_ms, found.alert_on_final_failure
    ) == RETRY[workflow_type]  # fmt: skip


@pytest.mark.parametrize(
    ("workflow_type", "expected"),
    [
        ("new_customer", {"kind": "manual", "sources": ("sales_intake_form",)}),
        (
            "customer_quote",
            {"kind": "hitl_approval", "event": "proposed_actions approved with action_type=quote_draft"},
        ),
        ("customer_invoice_dispute", {"kind": "event", "sources": ("inbound_email_triage_classification",)}),
        (
            "ar_aging_action_plan",
            {"kind": "cron", "cron": "0 6 * * *", "tz": "America/New_York", "catch_up_minutes": 720},
        ),
        ("anomaly_remediation", {"kind": "cron", "cron": "22,37,52 * * * *", "existing_cron": "R174"}),
    ],
)
def test_trigger(workflow_type: str, expected: dict[str, Any]) -> None:
    trigger = contract(workflow_type).trigger.model_dump()

    assert {name: trigger[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("workflow_type", "step", "expected"),
    [
        ("new_customer", "write_ns", {"record_type": "customer", "queue": "NS_PUSH_QUEUE"}),
        ("new_customer", "welcome_email", {"tool": "propose_email_to_customer"}),
        ("customer_quote", "render_pdf", {"method": "POST", "path": "/api/quote/pdf", "if_": "include_pdf"}),
        ("customer_quote", "send_email", {"tool": "send_quote_to_customer", "needs": ("write_quote", "render_pdf")}),
        (
            "customer_quote",
            "ns_push",
            {"record_type": "estimate", "payload": "quote_with_lines", "on_failure": "retry_3_then_alert"},
        ),
        ("customer_invoice_dispute", "draft_response", {"tool": "propose_email_to_customer", "if_": None}),
        (
            "customer_invoice_dispute",
            "escalate",
            {"action_type": "customer_escalation", "entity_type": "customer"},
        ),
        (
            "customer_invoice_dispute",
            "ar_hold_decision",
            {"action_type": "ar_hold_review", "entity_type": "workflow_run", "if_": "prior_disputes >= 2"},
        ),
        (
            "ar_aging_action_plan",
            "pause_on_hold_check",
            {
                "if_": "customer.days_overdue > 90 AND customer.total_open > 25000",
                "action": "stage propose_customer_program with type=service_hold",
            },
        ),
        ("ar_aging_action_plan", "sales_rep_notify", {"tool": "propose_email_to_customer"}),
        ("anomaly_remediation", "propose_remediation", {"action_type": "anomaly_response"}),
    ],
)
def test_what_the_seed_says_of_a_step(workflow_type: str, step: str, expected: dict[str, Any]) -> None:
    found = next(each for each in contract(workflow_type).fan_out if each.name == step)

    assert {name: getattr(found, name) for name in expected} == expected


def test_tiers_and_pauses_of_collection_letters() -> None:
    step: Any = contract("ar_aging_action_plan").fan_out[0]

    assert [(tier.from_days, tier.to_days, tier.pause_days, tier.call) for tier in step.tiers] == [
        (1, 30, 7, False),
        (31, 60, 7, False),
        (61, 90, 5, False),
        (91, None, 3, True),
    ]


def test_checks_that_wait_or_belong_to_a_step() -> None:
    after = {each.name: (each.after, each.of) for each in contract("customer_quote").verify}

    assert after == {
        "quote_persisted": (None, None),
        "pdf_stored": (None, "render_pdf"),
        "email_sent": ("send_email", None),
        "ns_quote_reflects": (None, "ns_push"),
    }
    assert contract("customer_invoice_dispute").verify[0].of == "draft_response"


def test_what_left_the_house_and_did_not_arrive_is_proposed_once_more() -> None:
    checks = [check for workflow_type in VERIFY for check in contract(workflow_type).verify]
    again = {check.name: getattr(check.on_fail[0], "again", "") for check in checks if check.on_fail}

    assert {name: step for name, step in again.items() if step} == AGAIN
    assert again.keys() - AGAIN.keys() == {"customer_persisted"}  # there a person looks at NetSuite

"""`d1_write`: row effects that carry what they replace, and see what the same plan does before them."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.planning import contract_of, describe_step, env_of, plan_step
from workflows_app.effects.data import RowInsert
from workflows_app.steps.base import PlanningError, StepSkippedError
from workflows_app.steps.current import laid_over
from workflows_app.steps.operations import plan_operations
from workflows_app.steps.registry import KINDS

pytestmark = pytest.mark.django_db


def write(*operations: Mapping[str, Any], **names: Any) -> Any:
    return plan_step({"name": "write", "kind": "d1_write", "operations": operations}, **names)


def test_an_insert_gets_an_id_that_planning_decides() -> None:
    vendor = {"insert": "vendors", "values": {"id": "V-1", "name": "Lee"}}
    program = {
        "insert": "customer_programs",
        "values": {"customer_id": "1", "type": "t", "name": "n", "starts_at": {"placeholder": "now"}},
    }

    given, derived = write(vendor, program)

    assert (given["id"], given["values"], given["operation"]) == ("V-1", {"name": "Lee"}, "vendors")
    assert derived["id"].startswith("cs-prg-")
    assert write(vendor, program) == [given, derived]


def test_a_row_knows_its_own_id_and_later_ones_know_it_too() -> None:
    quote = {
        "id": "quote",
        "insert": "quotes",
        "values": {
            "customer_id": "1",
            "school_year": "2026-27",
            "total": "1",
            "valid_until": "2026-10-01",
            "generated_at": {"placeholder": "now"},
            "pdf_key": "quotes/${{ steps.write.quote.id }}.pdf",
        },
    }
    touch = {"update": "quotes", "where": {"id": "${{ steps.write.quote.id }}"}, "set": {"lifecycle_status": "sent"}}

    inserted, updated = write(quote, touch)

    assert inserted["values"]["pdf_key"] == f"quotes/{inserted['id']}.pdf"
    assert (updated["id"], updated["was"]) == (inserted["id"], {"lifecycle_status": "draft"})


def test_an_update_carries_what_it_replaces_and_nothing_else() -> None:
    customer = factories.CustomerFactory(credit_limit=Decimal("10000.00"))

    (effect,) = write(
        {"update": "customers", "where": {"id": customer.id}, "set": {"credit_limit": "${{ limit }}"}}, limit=5
    )

    assert (effect["set"], effect["was"]) == ({"credit_limit": "5.00"}, {"credit_limit": "10000.00"})


def test_every_matching_row_gets_its_own_effect() -> None:
    rows = [
        factories.ArDisputeFactory(customer_id="7"),
        factories.ArDisputeFactory(customer_id="7", status="escalated"),
    ]
    factories.ArDisputeFactory(customer_id="7", status="resolved")
    factories.ArDisputeFactory(customer_id="8")
    pause = {"update": "ar_disputes", "where": {"customer_id": "7", "status": ["open", "escalated"]}}

    effects = write(pause | {"set": {"dunning_paused": True}})

    assert [effect["id"] for effect in effects] == sorted(row.id for row in rows)


def test_a_row_that_holds_the_values_already_is_left_alone() -> None:
    customer = factories.CustomerFactory(on_hold=True)

    with pytest.raises(StepSkippedError, match="nothing to write"):
        write({"update": "customers", "where": {"id": customer.id}, "set": {"entitystatus": "hold"}})


def test_a_touched_moment_is_no_condition() -> None:
    profile = factories.CustomerProfileFactory(last_quote_event=factories.NOW)
    touch = {"update": "customer_profiles", "where": {"customer_id": profile.customer_id}}

    (effect,) = write(touch | {"set": {"last_quote_event": {"placeholder": "now"}}})

    assert (effect["set"], effect["was"]) == ({"last_quote_event": {"placeholder": "now"}}, {})


@pytest.mark.parametrize("wanted", [None, [], [None]])
def test_an_expression_that_is_null_matches_no_row(wanted: Any) -> None:
    factories.ArDisputeFactory(invoice_ref=None)

    with pytest.raises(StepSkippedError):
        write(
            {"update": "ar_disputes", "where": {"invoice_ref": "${{ wanted }}"}, "set": {"reason": "x"}}, wanted=wanted
        )


def test_a_null_that_is_written_out_asks_for_null() -> None:
    row = factories.ArDisputeFactory(invoice_ref=None)
    factories.ArDisputeFactory(invoice_ref="INV1")

    effects = write({"update": "ar_disputes", "where": {"invoice_ref": None}, "set": {"reason": "x"}})

    assert [effect["id"] for effect in effects] == [row.id]


def test_an_upsert_changes_the_row_that_is_there_or_inserts_one() -> None:
    row = factories.PricingMasterFactory(customer_id="7", item_code="A", case_price=Decimal("15.00"))
    operation = {
        "upsert": "pricing_master",
        "for_each": "codes",
        "as": "code",
        "match": {"customer_id": "7", "item_code": "${{ code }}", "school_year": factories.YEAR},
        "set": {"case_price": "16.5", "effective_from": "2026-09-01"},
    }

    there, new = write(operation, codes=["A", "B"])

    assert (there["id"], there["was"]) == (row.id, {"case_price": "15.00", "effective_from": "2026-07-01"})
    assert (new["was"], new["match"]["item_code"]) == (None, "B")
    assert new["id"].startswith("cs-prc-")


def test_an_upsert_that_would_change_several_rows_is_refused() -> None:
    factories.ArDisputeFactory.create_batch(2, customer_id="7")

    with pytest.raises(PlanningError, match="match 2 rows, not one"):
        write({"upsert": "ar_disputes", "match": {"customer_id": "7"}, "set": {"reason": "x"}})


def test_a_promoted_row_goes_into_the_other_table_and_is_marked() -> None:
    proposed = factories.ProposedPricingFactory(customer_id="7", item_code="A", case_price=Decimal("14.00"))
    factories.PricingMasterFactory(customer_id="7", item_code="A", case_price=Decimal("15.00"))
    factories.ProposedPricingFactory(customer_id="7", item_code="B")

    master, marked = write(
        {
            "promote": "proposed_pricing",
            "where": {"id": proposed.id},
            "into": "pricing_master",
            "match": ["customer_id", "item_code", "school_year"],
            "set": {"margin_pct": "30"},
        }
    )

    assert (master["set"]["case_price"], master["was"]["case_price"]) == ("14.00", "15.00")
    assert master["set"]["margin_pct"] == "30.00"
    assert "status" not in master["set"]
    assert (marked["id"], marked["set"], marked["was"]) == (proposed.id, {"status": "promoted"}, {"status": "open"})


def test_a_loop_reads_its_rows_with_one_query(django_assert_num_queries: Any) -> None:
    rows = factories.CustomerFactory.create_batch(20)
    operation = {
        "update": "customers",
        "for_each": "ids",
        "as": "each",
        "where": {"id": "${{ each }}"},
        "set": {"phone": "${{ each }}"},
    }

    with django_assert_num_queries(1):
        effects = write(operation, ids=[row.id for row in rows])

    assert [effect["set"]["phone"] for effect in effects] == sorted(row.id for row in rows)


def test_a_step_can_change_the_rows_that_an_earlier_step_creates() -> None:
    contract = contract_of(
        {"name": "write", "kind": "d1_write", "operations": [{"insert": "vendors", "values": {"id": "V"}}]}
    )
    values = {"kind": "k", "fingerprint": "f-1", "status": "open"}
    finding = RowInsert(kind="row.insert", table="anomaly_investigations", id="cs-ano-1", values=values)
    env = env_of(contract, "write")
    later = replace(env, planned=laid_over({}, [finding]))
    operation = {"update": "anomaly_investigations", "where": {"fingerprint": "f-1"}, "set": {"status": "in_progress"}}

    (effect,) = plan_operations(
        contract_of({"name": "x", "kind": "d1_write", "operations": [operation]}).fan_out[0].operations, later
    )

    assert (effect["id"], effect["was"]) == ("cs-ano-1", {"status": "open"})


def test_later_steps_know_the_typed_row_of_an_operation() -> None:
    customer = factories.CustomerFactory()
    options = contract_of(
        {
            "name": "write",
            "kind": "d1_write",
            "operations": [{"update": "customers", "where": {"id": customer.id}, "set": {"credit_limit": "5"}}],
        }
    )
    kind, step = KINDS["d1_write"], options.fan_out[0]

    results = kind.results(step, kind.plan(step, env_of(options, "write")))

    assert results == {"customers": {"id": customer.id, "credit_limit": Decimal("5.00")}}


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"insert": "sync_log", "values": {"status": "x"}}, "not a table that a contract may change"),
        ({"insert": "vendors", "values": {"name": "x"}}, "a new row of vendors needs its id given"),
        ({"insert": "vendors", "values": {"id": None, "name": "x"}}, "a new row of vendors needs a id"),
        ({"insert": "customers", "values": {"companyname": "x"}}, "a new row of customers needs created_at"),
        ({"update": "vendors", "where": {"id": {"placeholder": "now"}}, "set": {"name": "x"}}, "not known yet"),
        ({"email": {"to": "a@b.example", "subject": "x", "body": "y"}}, "email needs an approved proposal"),
        ({"push": {"record_type": "x", "external_id": "y", "record": {}}}, "push needs an approved proposal"),
        ({"stage": {"action_type": "x"}}, "stage needs an approved proposal"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_words(operation: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanningError, match=message):
        write(operation)


def test_an_event_may_be_recorded_at_once() -> None:
    (effect,) = write({"event": {"type": "price.changed", "key": "k-1", "payload": {"id": "${{ who }}"}}}, who="42")

    assert (effect["event_type"], effect["idempotency_key"], effect["payload"]) == (
        "price.changed",
        "k-1",
        {"id": "42"},
    )


def test_the_page_names_tables_and_actions() -> None:
    operations = [
        {"insert": "quotes", "values": {}},
        {"insert": "quote_lines", "for_each": "lines", "as": "each", "values": {}},
        {"update": "customer_profiles", "where": {"customer_id": "1"}, "set": {"last_quote_event": None}},
        {"promote": "proposed_pricing", "where": {"id": "1"}, "into": "pricing_master", "match": ["id"]},
        {"event": {"type": "x", "key": "y"}},
    ]

    changes = describe_step({"name": "write", "kind": "d1_write", "operations": operations})

    assert [(change.system, change.resource, change.action) for change in changes] == [
        ("D1", "quotes", "INSERT"),
        ("D1", "quote_lines", "INSERT (batch)"),
        ("D1", "customer_profiles", "UPDATE last_quote_event"),
        ("D1", "pricing_master", "UPSERT (from proposed_pricing)"),
        ("D1", "proposed_pricing", "UPDATE status"),
        ("Event", "x", "fire"),
    ]

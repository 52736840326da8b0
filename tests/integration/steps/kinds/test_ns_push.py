"""`ns_push`: a record for NetSuite."""

from datetime import UTC, datetime

import pytest

from tests.factories import CustomerFactory
from tests.planning import describe_step, plan_step
from workflows_app.steps.base import PlanningError

pytestmark = pytest.mark.django_db

STEP = {
    "name": "push",
    "kind": "ns_push",
    "record_type": "estimate",
    "payload": "quote_with_lines",
    "external_id": "${{ quote.id }}",
    "record": {
        "entity": {"id": {"placeholder": "ns_id", "of": "${{ quote.customer_id }}"}},
        "memo": "${{ quote.memo }}",
        "terms": {"id": "${{ quote.terms }}"},
    },
    "sublists": {
        "item": {
            "for_each": "lines",
            "as": "each",
            "record": {"item": {"id": "${{ each.ns }}"}, "rate": "${{ each.p }}"},
        }
    },
}
QUOTE = {"id": "cs-est-1", "customer_id": "42", "memo": None, "terms": None}


def test_a_record_is_pushed_by_its_external_id() -> None:
    (effect,) = plan_step(STEP, quote=QUOTE, lines=[])

    assert (effect["kind"], effect["external_id"], effect["record_type"]) == ("netsuite.push", "cs-est-1", "estimate")
    assert (effect["queue"], effect["on_failure"]) == ("NS_PUSH_QUEUE", "retry_3_then_alert")


def test_nulls_are_left_out_and_placeholders_stay() -> None:
    (effect,) = plan_step(STEP, quote=QUOTE, lines=[])

    assert effect["record"] == {
        "entity": {"id": {"placeholder": "ns_id", "of": "42"}},
        "item": {"items": []},
    }


def test_lines_are_numbered_in_their_order() -> None:
    (effect,) = plan_step(STEP, quote=QUOTE, lines=[{"ns": "9", "p": 2}, {"ns": None, "p": 1}])

    assert effect["record"]["item"]["items"] == [{"line": 1, "item": {"id": "9"}, "rate": 2}, {"line": 2, "rate": 1}]


def test_the_same_record_has_the_same_push() -> None:
    assert plan_step(STEP, quote=QUOTE, lines=[]) == plan_step(STEP, quote=QUOTE, lines=[])


def test_a_record_without_external_id_is_refused() -> None:
    with pytest.raises(PlanningError, match="a estimate for NetSuite needs an external id"):
        plan_step(STEP, quote=QUOTE | {"id": None}, lines=[])


def test_the_page_says_which_queue_and_record() -> None:
    (change,) = describe_step(STEP)

    assert (change.system, change.resource, change.action) == ("NetSuite (via NS_PUSH_QUEUE)", "estimate", "push")


def test_the_plan_knows_when_netsuite_last_changed_the_record() -> None:
    CustomerFactory(id="42", lastmodifieddate=datetime(2026, 9, 1, 8, tzinfo=UTC))
    CustomerFactory(id="cs-cus-new", ns_id=None, lastmodifieddate=None)

    known = {
        one: plan_step({**STEP, "record_type": "customer", "external_id": one}, quote=QUOTE, lines=[])[0]
        for one in ("42", "cs-cus-new", "cs-cus-nobody")
    }

    assert known["42"]["expected_modified"] == "2026-09-01T08:00:00Z"
    assert known["cs-cus-new"]["expected_modified"] is None
    assert known["cs-cus-nobody"]["expected_modified"] is None

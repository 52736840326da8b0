"""`loop_over_aging`: the letter of the right tier, at the right time."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from tests.planning import NOW, describe_step, plan_step
from workflows_app.steps.base import StepSkippedError

TIERS = [
    {"name": "friendly", "from_days": 1, "to_days": 30, "template": "collection_friendly", "pause_days": 7},
    {"name": "firm", "from_days": 31, "to_days": 60, "template": "collection_firm", "pause_days": 7},
    {"name": "formal", "from_days": 61, "to_days": 90, "template": "collection_formal", "pause_days": 5},
    {"name": "final", "from_days": 91, "template": "collection_final", "pause_days": 3, "call": True},
]
STEP = {
    "name": "draft",
    "kind": "loop_over_aging",
    "for_each": "dunning",
    "as": "row",
    "key": "id",
    "tiers": TIERS,
    "days_overdue": "row.days",
    "total": "row.total",
    "last_sent_at": "row.sent",
    "last_rejected_at": "row.rejected",
    "pending": "row.pending",
    "to": "${{ row.email }}",
    "customer_id": "${{ row.id }}",
    "customer_name": "${{ row.name }}",
    "values": {
        "customer_name": "${{ row.name }}",
        "total_open": "${{ row.total }}",
        "days_overdue": "${{ row.days }}",
        "as_of": "${{ date(run.started_at) }}",
        "invoices": [],
    },
    "recheck": ["row.total = was.total"],
}


def customer(**changes: Any) -> dict[str, Any]:
    facts = {
        "id": "42",
        "name": "Lee",
        "email": "lee@example.org",
        "days": 10,
        "total": Decimal("500.00"),
        "pending": 0,
    }
    return {**facts, "sent": None, "rejected": None, **changes}


def tier_of(**changes: Any) -> str:
    (proposal,) = plan_step(STEP, element=customer(**changes))
    return str(proposal["payload"]["tier"])


@pytest.mark.parametrize(
    ("days", "tier"),
    [(1, "friendly"), (30, "friendly"), (31, "firm"), (60, "firm"), (61, "formal"), (90, "formal"), (91, "final")],
)
def test_the_oldest_debt_decides_the_tier(days: int, tier: str) -> None:
    assert tier_of(days=days) == tier


def test_the_letter_of_the_tier_waits_for_a_decision() -> None:
    (proposal,) = plan_step(STEP, element=customer(days=100))
    (email,) = proposal["on_approve"]

    assert (proposal["action_type"], proposal["entity_ref"], proposal["amount"]) == (
        "collection_action",
        "42",
        "500.00",
    )
    assert proposal["payload"] == {"tier": "final", "days_overdue": 100, "call": True, "to": "lee@example.org"}
    assert (email["action_type"], email["related_customer_id"]) == ("collection_action", "42")
    assert "$500.00" in email["subject"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"pending": 1}, "already waiting"),
        ({"days": 0}, "belong to no tier"),
        ({"email": None}, "Lee has no email address on file"),
        ({"sent": NOW - timedelta(days=3)}, "the last letter was sent 3 days ago; friendly waits 7 days"),
        ({"sent": NOW - timedelta(days=6, hours=23)}, "sent 6 days ago"),
        ({"sent": NOW - timedelta(days=4), "days": 70}, "formal waits 5 days"),
        ({"sent": NOW - timedelta(days=2), "days": 100}, "final waits 3 days"),
        ({"rejected": NOW - timedelta(hours=20)}, "rejected 20 hours ago; a rejection pauses 1 day"),
    ],
)
def test_nobody_gets_a_letter_before_its_time(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(StepSkippedError, match=reason):
        plan_step(STEP, element=customer(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"sent": NOW - timedelta(days=7)},
        {"sent": NOW - timedelta(days=5), "days": 70},
        {"sent": NOW - timedelta(days=3), "days": 100},
        {"rejected": NOW - timedelta(days=1)},
        {"pending": None},
    ],
)
def test_when_the_pause_is_over_the_next_letter_is_drafted(changes: dict[str, Any]) -> None:
    assert tier_of(**changes)


def test_a_day_belongs_to_one_tier() -> None:
    with pytest.raises(ValidationError, match="has to begin after"):
        plan_step(STEP | {"tiers": [TIERS[0] | {"to_days": 31}, TIERS[1]]}, element=customer())


def test_the_page_says_that_there_is_one_per_customer() -> None:
    (change,) = describe_step(STEP)

    assert change.action == "INSERT (action_type=collection_action, per customer, 4 tiers)"

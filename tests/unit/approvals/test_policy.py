"""approvals.policy: who may decide, and what a decision must say."""

import pytest

from approvals.models import Verdict
from approvals.policy import MAX_REASON, edits_refusal, reason_refusal, refusal
from approvals.principals import Principal

MIKE = Principal("person", "mike")


def test_an_active_person_with_the_permission_decides() -> None:
    assert refusal(MIKE, active=True, has_permission=True) is None


@pytest.mark.parametrize(
    ("principal", "active", "has_permission", "word"),
    [
        (Principal("machine", "mcp"), True, True, "machine"),
        (MIKE, False, True, "not active"),
        (MIKE, True, False, "Approvers"),
    ],
)
def test_nobody_else_does(principal: Principal, active: bool, has_permission: bool, word: str) -> None:
    assert word in str(refusal(principal, active=active, has_permission=has_permission))


@pytest.mark.parametrize("reason", ["", "  \n", "x" * (MAX_REASON + 1), "a\x00b", "\udc80"])
def test_a_rejection_needs_a_reason_that_can_be_stored(reason: str) -> None:
    assert reason_refusal(Verdict.REJECT, reason)


@pytest.mark.parametrize("reason", ["too dear", "x" * MAX_REASON])
def test_a_plain_reason_is_enough(reason: str) -> None:
    assert reason_refusal(Verdict.REJECT, reason) is None


def test_an_approval_needs_none() -> None:
    assert reason_refusal(Verdict.APPROVE, "") is None
    assert reason_refusal(Verdict.APPROVE, "x" * (MAX_REASON + 1))


@pytest.mark.parametrize(
    "edits",
    [
        [],
        ["subject"],
        [{"item": "a", "field": "subject"}],
        [{"item": 1, "field": "subject", "value": "x"}],
        [{"item": "a", "field": "subject", "value": 1.5}],
        [{"item": "a", "field": "subject", "value": "x", "user": "mike"}],
    ],
)
def test_an_edit_is_an_item_a_field_and_a_value(edits: list[object]) -> None:
    assert edits_refusal(edits)


def test_a_value_may_be_any_canonical_data() -> None:
    assert edits_refusal([{"item": "a", "field": "ticks", "value": ["x", None, True]}]) is None

"""The verify phase: checks have their time, and what fails is said aloud and proposed to be mended."""

from datetime import timedelta

import pytest

from approvals.models import ProposedAction
from tests.company import item
from tests.world import World, release_text, snapshot, status
from workflows_app.models import Alert, SpecItem, VerifyResult, WorkflowRun
from workflows_app.runner.verify import run_due
from workflows_app.runner.verify_staging import GRACE

CONTRACT = """
workflow_type: retire
contract_version: 1
title: Retire an item
category: Purchasing
risk_level: 3
description: Marks an item as inactive, and looks whether it stays so.
trigger: {kind: manual}
inputs:
  - {name: item_code, type: string, required: true}
fan_out:
  - name: mark
    kind: d1_write
    operations:
      - {update: spec_items, where: {item_code: "${{ item_code }}"}, set: {active: false}}
verify:
  - name: inactive
    kind: sql
    window: 10s
    sql: SELECT item_code FROM spec_items WHERE item_code = ? AND active = ?
    params: [inputs.item_code, "false"]
    expect: rows >= 1
    on_fail:
      - {update: spec_items, where: {item_code: "${{ item_code }}"}, set: {active: false}}
"""


@pytest.fixture
def retired(world: World) -> WorkflowRun:
    """An item that was retired, and that somebody has made active again."""
    item("MILK", "20.00")
    release_text(CONTRACT)
    run = world.through_the_gate("retire", {"item_code": "MILK"})
    SpecItem.objects.update(active=True)
    return run


def check(run: WorkflowRun) -> VerifyResult:
    return run.verify_results.get()


def correction() -> ProposedAction | None:
    return ProposedAction.objects.filter(action_type="verify_correction").first()


def fail(run: WorkflowRun) -> None:
    due = check(run).due_at
    assert due is not None
    run_due(due + GRACE)


def test_a_check_is_not_executed_before_its_window(retired: WorkflowRun) -> None:
    due = check(retired).due_at
    assert due is not None

    assert run_due(due - timedelta(seconds=1)) == {}


def test_a_check_that_does_not_hold_yet_stays_pending_for_an_hour(retired: WorkflowRun) -> None:
    due = check(retired).due_at
    assert due is not None

    assert run_due(due + GRACE - timedelta(seconds=1)) == {"pending": 1}

    assert correction() is None
    assert not Alert.objects.exists()


def test_a_check_that_failed_is_said_aloud_and_proposed_to_be_mended(world: World, retired: WorkflowRun) -> None:
    before = snapshot()

    fail(retired)

    assert check(retired).status == "fail"
    assert "a proposal says what to do" in Alert.objects.get(kind="verify_failed").message
    found = correction()
    assert found is not None
    assert (found.run_id, found.status) == (retired.pk, "pending")
    assert snapshot() == before


def test_the_correction_is_applied_when_it_is_approved_and_only_then(world: World, retired: WorkflowRun) -> None:
    fail(retired)
    found = correction()
    assert found is not None

    world.approve(found)

    assert SpecItem.objects.get().active is False
    assert status(retired) == "completed"


def test_a_check_that_failed_proposes_once(retired: WorkflowRun) -> None:
    fail(retired)
    VerifyResult.objects.update(executed_at=None)
    fail(retired)

    assert ProposedAction.objects.filter(action_type="verify_correction").count() == 1


def test_nothing_is_proposed_when_there_is_nothing_to_mend(retired: WorkflowRun) -> None:
    SpecItem.objects.all().delete()

    fail(retired)

    assert check(retired).status == "fail"
    assert correction() is None


def test_a_check_may_propose_a_proposal(world: World) -> None:
    item("MILK", "20.00")
    staged = "{stage: {action_type: call_vendor, entity_type: item, entity_ref: MILK, title: Call the vendor}}"
    release_text(CONTRACT.partition("    on_fail:")[0] + f"    on_fail:\n      - {staged}\n")
    run = world.through_the_gate("retire", {"item_code": "MILK"})
    SpecItem.objects.update(active=True)
    fail(run)
    found = correction()
    assert found is not None

    world.approve(found)

    assert ProposedAction.objects.get(action_type="call_vendor").status == "pending"

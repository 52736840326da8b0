"""Verify closes the loop: what failed is proposed to be mended, and when that is approved it is looked at again."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet
from pytest_django import Settings

from approvals.canonical import parse
from approvals.models import ProposedAction
from tests import endpoints
from tests.company import customer, item, quote_request
from tests.plans import Step, steps
from tests.world import World, release_text
from workflows_app.models import Alert, Customer, OutboundEmail, PendingPush, SpecItem, VerifyResult, WorkflowRun
from workflows_app.runner.corrective import ACTION_TYPE
from workflows_app.runner.settle_letter import settle_letter
from workflows_app.runner.verify import run_due
from workflows_app.runner.verify_staging import GRACE

CONTRACT = """
workflow_type: retire
contract_version: 1
title: Retire an item
category: Purchasing
risk_level: 3
description: Marks an item as inactive, and looks whether that shows.
trigger: {kind: manual}
inputs:
  - {name: item_code, type: string, required: true}
fan_out:
  - name: mark
    kind: d1_write
    operations:
      - {update: spec_items, where: {item_code: "${{ item_code }}"}, set: {active: false}}
verify:
"""
MARK_AGAIN = """
    on_fail:
      - {update: spec_items, where: {item_code: "${{ item_code }}"}, set: {active: false}}
"""
SQL = (
    CONTRACT
    + """
  - name: shows
    kind: sql
    window: 10s
    sql: SELECT item_code FROM spec_items WHERE item_code = ? AND active = ?
    params: [inputs.item_code, "false"]
    expect: rows >= 1
"""
    + MARK_AGAIN
)
HTTP = (
    CONTRACT
    + '\n  - {name: shows, kind: http, window: 10s, path: "/api/retired/${{ item_code }}", expect: status = 200,'
    + """
     on_fail: [{update: spec_items, where: {item_code: "${{ item_code }}"}, set: {active: false}}]}
"""
)
ARTIFACT = (
    CONTRACT
    + """
  - name: shows
    kind: artifact
    window: 10s
    key: "sheets/${{ item_code }}.pdf"
    expect: present
    on_fail:
      - event: {type: sheet.missing, key: "sheet:${{ run.id }}", payload: {item_code: "${{ item_code }}"}}
"""
)
SHEET = """
workflow_type: sheet
contract_version: 1
title: Sheet of an item
category: Purchasing
risk_level: 2
description: Renders the sheet that is missing.
trigger: {kind: event, sources: [sheet.missing]}
inputs:
  - {name: item_code, type: string, required: true}
fan_out:
  - name: render
    kind: http_call
    method: POST
    path: /api/sheet
    produces: ["R2 artifact at sheets/${{ item_code }}.pdf"]
    body: {item_code: "${{ item_code }}"}
"""


def retired_page(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A site of ours: a page for each item that is inactive."""
    code = environ["PATH_INFO"].rsplit("/", 1)[-1]
    found = SpecItem.objects.filter(item_code=code, active=False).exists()
    start_response("200 OK" if found else "404 Not Found", [("Content-Type", "text/plain")])
    return [b"retired"]


def check(run: WorkflowRun, name: str = "shows") -> VerifyResult:
    return run.verify_results.get(name=name)


def fail(run: WorkflowRun, name: str = "shows") -> ProposedAction | None:
    """The last look at a check; what it proposes."""
    due = check(run, name).due_at
    assert due is not None
    run_due(due + GRACE)
    assert check(run, name).status == "fail", check(run, name).detail
    return corrections(run, name).first()


def corrections(run: WorkflowRun, name: str = "shows") -> QuerySet[ProposedAction]:
    return ProposedAction.objects.filter(run_id=run.pk, step=f"verify:{name}", action_type=ACTION_TYPE).order_by("pk")


def look(run: WorkflowRun, name: str = "shows") -> str:
    """The check is due again; how it ends."""
    due = check(run, name).due_at
    assert due is not None
    run_due(due)
    return check(run, name).status


def retire(world: World, text: str) -> WorkflowRun:
    """Retire an item, which somebody makes active again."""
    item("MILK", "20.00")
    release_text(text)
    run = world.through_the_gate("retire", {"item_code": "MILK"})
    SpecItem.objects.update(active=True)
    return run


# --- the whole loop: fail → proposal → approve → effect → green ---------------------------------------------------


def test_a_query_that_failed_is_mended_and_holds(world: World) -> None:
    run = retire(world, SQL)
    correction = fail(run)
    assert correction is not None

    world.approve(correction)

    assert check(run).status == "pending"
    assert look(run) == "pass"
    assert not Alert.objects.filter(kind="verify_failed", resolved_at=None).exists()


def test_an_endpoint_that_failed_is_mended_and_holds(world: World, settings: Settings) -> None:
    settings.WSGI_APPLICATION = "tests.integration.runner.test_corrective.retired_page"
    run = retire(world, HTTP)
    correction = fail(run)
    assert correction is not None

    world.approve(correction)

    assert look(run) == "pass"


def test_a_file_that_is_missing_is_rendered_by_a_run_of_its_own_and_is_there(
    world: World, site: endpoints.Site
) -> None:
    release_text(SHEET)
    run = retire(world, ARTIFACT)
    correction = fail(run)
    assert correction is not None

    world.approve(correction)

    assert WorkflowRun.objects.get(workflow_type="sheet").status == "completed"
    assert look(run) == "pass"


# --- what a correction says, and how often ---------------------------------------------------


def test_a_correction_says_which_check_failed_and_with_what_values(world: World) -> None:
    correction = fail(retire(world, SQL))
    assert correction is not None

    assert "check shows failed: 0 rows; expected: rows >= 1" in correction.summary
    payload = parse(correction.payload)
    assert (payload["check"], payload["params"], payload["found"]) == ("shows", ["MILK", False], "0 rows")


def test_a_check_that_fails_again_proposes_nothing_more_and_says_so(world: World) -> None:
    run = retire(world, SQL)
    correction = fail(run)
    assert correction is not None
    world.approve(correction)
    SpecItem.objects.update(active=True)

    fail(run)

    assert corrections(run).count() == 1
    assert "is approved, so nothing more is proposed" in Alert.objects.get(kind="verify_failed").message


def test_a_correction_that_is_rejected_leaves_its_check_failed(world: World) -> None:
    run = retire(world, SQL)
    correction = fail(run)
    assert correction is not None

    world.decide(correction, "reject")

    assert check(run).status == "fail"


def test_a_correction_whose_check_holds_by_now_is_closed_and_its_check_looked_at_again(world: World) -> None:
    run = retire(world, SQL)
    correction = fail(run)
    assert correction is not None
    SpecItem.objects.update(active=False)

    result = world.decide(correction)

    assert (result.outcome, "holds by now" in result.message) == ("closed", True)
    assert look(run) == "pass"


# --- a letter and a record once more ---------------------------------------------------


@pytest.fixture
def quoted(world: World) -> WorkflowRun:
    """A quote whose letter was approved, and refused by the server for good."""
    item("MILK")
    run = world.through_the_gate("customer_quote", quote_request(customer("Oak School"), "MILK", include_pdf=True))
    world.approve(world.leaf(run, "send_email"))
    OutboundEmail.objects.update(status="failed")
    return run


def test_a_letter_that_was_not_sent_is_sent_once_more_by_a_decision_of_its_own(
    world: World, quoted: WorkflowRun, mailoutbox: list[Any]
) -> None:
    first = OutboundEmail.objects.get()
    mailoutbox.clear()
    correction = fail(quoted, "email_sent")
    assert correction is not None
    assert OutboundEmail.objects.count() == 1

    world.approve(correction)
    world.deliver()

    second = OutboundEmail.objects.exclude(pk=first.pk).get()
    assert (second.status, second.subject, second.body, second.to) == ("sent", first.subject, first.body, first.to)
    assert len(mailoutbox) == 1
    assert mailoutbox[0].attachments[0][0] == "quote-2026-27.pdf"
    assert look(quoted, "email_sent") == "pass"


@pytest.mark.parametrize("status", ["queued", "sending", "uncertain"])
def test_a_letter_that_may_yet_arrive_is_not_proposed_again(world: World, quoted: WorkflowRun, status: str) -> None:
    OutboundEmail.objects.update(status=status)

    assert fail(quoted, "email_sent") is None


def test_a_letter_whose_second_copy_did_not_arrive_either_is_proposed_from_that_copy(
    world: World, quoted: WorkflowRun, mike: User
) -> None:
    first = OutboundEmail.objects.get()
    assert settle_letter(first.pk, "again", user=mike, channel="test").done
    copy = OutboundEmail.objects.get(replaces=first.pk)
    OutboundEmail.objects.update(status="failed")

    correction = fail(quoted, "email_sent")
    assert correction is not None
    world.approve(correction)
    world.deliver()

    assert OutboundEmail.objects.get(replaces=copy.pk).status == "sent"


def test_a_letter_sent_again_by_hand_needs_no_correction_any_more(
    world: World, quoted: WorkflowRun, mike: User
) -> None:
    correction = fail(quoted, "email_sent")
    assert correction is not None
    assert settle_letter(OutboundEmail.objects.get().pk, "again", user=mike, channel="test").done

    result = world.decide(correction)

    assert result.outcome == "closed"
    assert OutboundEmail.objects.count() == 2


def test_the_rules_of_a_letter_hold_for_it_when_it_is_sent_again(world: World, quoted: WorkflowRun) -> None:
    correction = fail(quoted, "email_sent")
    assert correction is not None
    Customer.objects.update(entitystatus="hold")

    result = world.decide(correction)

    assert result.outcome == "closed"
    assert "customer.entitystatus != 'hold'" in result.message
    assert OutboundEmail.objects.count() == 1


def test_a_letter_that_is_on_its_way_by_another_decision_is_not_sent_twice(world: World, quoted: WorkflowRun) -> None:
    correction = fail(quoted, "email_sent")
    assert correction is not None
    OutboundEmail.objects.update(status="queued")  # somebody has the first one sent after all

    result = world.decide(correction)

    assert (result.outcome, "on its way" in result.message) == ("closed", True)
    assert OutboundEmail.objects.count() == 1


def test_a_record_that_did_not_arrive_is_pushed_once_more_as_it_was_approved(world: World, quoted: WorkflowRun) -> None:
    PendingPush.objects.update(status="dead")
    first = PendingPush.objects.get()
    correction = fail(quoted, "ns_quote_reflects")
    assert correction is not None

    world.approve(correction)

    second = PendingPush.objects.exclude(pk=first.pk).get()
    assert (second.payload, second.external_id, second.status) == (first.payload, first.external_id, "pending")
    assert second.proposal_id == correction.pk
    PendingPush.objects.filter(pk=second.pk).update(status="applied")
    assert look(quoted, "ns_quote_reflects") == "pass"


def test_looking_at_netsuite_is_all_that_is_proposed_while_a_record_is_under_way(
    world: World, quoted: WorkflowRun
) -> None:
    correction = fail(quoted, "ns_quote_reflects")
    assert correction is not None

    assert [effect["kind"] for effect in parse(correction.effects)["on_approve"]] == ["event.record"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what is stored")
def test_a_correction_reads_no_growing_table_whole(world: World, quoted: WorkflowRun) -> None:
    PendingPush.objects.update(status="dead")
    found: list[Step] = []

    with steps(found):
        for name in ("email_sent", "ns_quote_reflects"):
            correction = fail(quoted, name)
            assert correction is not None
            world.decide(correction)

    assert [str(step) for step in found if step.everything] == []

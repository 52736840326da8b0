"""A run that failed in part is continued: what was done is reused, the rest is planned anew and decided anew."""

from datetime import timedelta
from typing import NoReturn

import pytest

from approvals import chain, services
from approvals.canonical import parse
from approvals.clock import database_now
from tests import endpoints
from tests.company import customer, item
from tests.integration.runner.interventions import attempt, do, quote, quote_without_pdf
from tests.integration.triggers.reruns import BY, customer_without_programs, fail, failing
from tests.world import World, changed, failed_checks, planned, release_text, skipped, snapshot, status, steps
from workflows_app.effects import apply
from workflows_app.models import (
    Customer,
    CustomerProgram,
    OutboundEmail,
    PendingPush,
    Quote,
    SpecItem,
    VerifyResult,
    WorkflowRun,
)
from workflows_app.runner.reuse import reuse_of
from workflows_app.steps.errors import PlanningError
from workflows_app.triggers import rerun

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def partial(world: World, site: endpoints.Site) -> WorkflowRun:
    """A quote that was written and pushed, but whose PDF failed for good; so nothing was drafted."""
    return _quote_without_pdf(world, site)


def _quote_without_pdf(world: World, site: endpoints.Site) -> WorkflowRun:
    run = quote_without_pdf(world, site, 422)
    assert run.status == "partial"
    return run


# --- what is done, and what is not ------------------------------------------------------------------------------------


def test_only_the_rest_is_done(world: World, partial: WorkflowRun, site: endpoints.Site) -> None:
    before = snapshot()

    run = rerun.start(partial, principal=BY)
    assert world.approve(world.gate(run)).outcome == "approved"

    assert status(run) == "completed"
    assert steps(run) == {
        "write_quote": "skipped",
        "render_pdf": "done",
        "send_email": "done",
        "ns_push": "skipped",
        "ar_forecast_touch": "skipped",
    }
    assert changed(before) == {}
    assert Quote.objects.count() == PendingPush.objects.count() == 1


def test_the_rest_finds_what_was_done(world: World, partial: WorkflowRun) -> None:
    run = rerun.start(partial, principal=BY)

    call = planned(run, "render_pdf")[0]
    assert call["body"]["number"] == Quote.objects.get().pk
    assert call["id"] == planned(partial, "render_pdf")[0]["id"]


def test_a_draft_takes_the_file_that_an_earlier_run_rendered(world: World, site: endpoints.Site) -> None:
    run = quote(world)
    world.decide(world.gate(run))
    patch = failing("proposal.stage")
    attempt(run)
    patch.undo()
    assert (run.status, steps(run)["render_pdf"], steps(run)["send_email"]) == ("partial", "done", "failed")
    rendered = parse(run.steps.get(step="render_pdf").output)["artifact"]["sha256"]

    again = rerun.start(run, principal=BY)
    world.approve(world.gate(again))

    draft = world.leaf(again, "send_email")
    letter = parse(draft.effects)["on_approve"][0]
    assert len(site.keys) == 1
    assert letter["attachments"][0]["sha256"] == rendered
    world.approve(draft)
    world.deliver()
    assert OutboundEmail.objects.get().status == "sent"


def test_the_card_says_what_is_reused(world: World, partial: WorkflowRun) -> None:
    run = rerun.start(partial, principal=BY)

    card = parse(world.gate(run).effects)
    done = next(item for item in card["plan"] if item["step"] == "write_quote")
    assert skipped(run, "write_quote") == f"done in run {partial.pk}"
    assert done["effects"] == []
    assert done["reused"]["effects"] == planned(partial, "write_quote")
    assert "3 of its 5 steps are reused" in card["summary"]


def test_it_has_a_gate_and_a_decision_of_its_own(world: World, partial: WorkflowRun) -> None:
    run = rerun.start(partial, principal=BY)

    gate = world.gate(run)
    assert (gate.status, gate.run_id, gate.proposed_by) == ("pending", run.pk, "person:mike")
    assert gate.digest != world.gate(partial).digest
    assert world.work() == 0
    assert not PendingPush.objects.filter(run_id=run.pk).exists()
    world.approve(gate)
    assert chain.verify() == []


def test_it_says_which_run_it_continues(partial: WorkflowRun) -> None:
    run = rerun.start(partial, principal=BY)

    assert (run.trigger_kind, parse(run.trigger)["continues"], parse(run.trigger)["source"]) == (
        "rerun",
        partial.pk,
        f"run:{partial.pk}",
    )
    assert (run.contract_id, run.inputs) == (partial.contract_id, partial.inputs)
    assert [each.pk for each in rerun.reruns(partial)] == [run.pk]


def test_an_edited_price_still_counts(world: World, site: endpoints.Site) -> None:
    first = quote(world)
    world.edit(world.gate(first), "line:MILK", "case_price", "18.50")
    world.decide(world.gate(first))
    site.answers = [422]
    attempt(first)

    run = rerun.start(first, principal=BY)

    assert planned(run, "render_pdf")[0]["body"]["lines"][0]["case_price"] == "18.50"


# --- again and again --------------------------------------------------------------------------------------------------


def test_a_second_click_finds_the_first_rerun(partial: WorkflowRun) -> None:
    first = rerun.start(partial, principal=BY)

    assert rerun.start(partial, principal=BY).pk == first.pk
    assert WorkflowRun.objects.filter(trigger_kind="rerun").count() == 1


def test_a_rejected_rerun_can_be_started_afresh(world: World, partial: WorkflowRun) -> None:
    first = rerun.start(partial, principal=BY)
    world.decide(world.gate(first), "reject")

    second = rerun.start(partial, principal=BY)

    assert second.pk != first.pk
    assert world.approve(world.gate(second)).outcome == "approved"
    assert status(second) == "completed"


def test_a_rerun_that_fails_is_continued_itself(world: World, partial: WorkflowRun, site: endpoints.Site) -> None:
    second = rerun.start(partial, principal=BY)
    patch = failing("proposal.stage")
    world.approve(world.gate(second))
    patch.undo()
    assert status(second) == "partial"
    with pytest.raises(rerun.NotContinuedError, match=f"Run {second.pk} has continued it"):
        rerun.start(partial, principal=BY)

    third = rerun.start(second, principal=BY)
    world.approve(world.gate(third))

    assert status(third) == "completed"
    reused = {item["step"]: item["reused"]["run"] for item in parse(third.plan) if "reused" in item}
    assert reused == {
        "write_quote": partial.pk,
        "render_pdf": second.pk,
        "ns_push": partial.pk,
        "ar_forecast_touch": partial.pk,
    }
    assert steps(third)["send_email"] == "done"
    assert len(site.keys) == 2


@pytest.mark.parametrize("end", ["completed", "rejected", "cancelled", "awaiting_approval"])
def test_only_what_failed_is_continued(world: World, end: str) -> None:
    run = quote(world)
    if end == "completed":
        world.approve(world.gate(run))
    if end == "rejected":
        world.decide(world.gate(run), "reject")
    if end == "cancelled":
        do(run, "cancel", by=world.mike)
    assert status(run) == end

    with pytest.raises(rerun.NotContinuedError):
        rerun.start(run, principal=BY)


def test_what_was_skipped_by_hand_and_what_needed_it_come_back(world: World, site: endpoints.Site) -> None:
    run = quote(world)
    world.decide(world.gate(run))
    site.answers = [503]
    attempt(run)
    do(run, "skip", by=world.mike, step="render_pdf")
    world.work()
    assert status(run) == "partial"

    again = rerun.start(run, principal=BY)
    world.approve(world.gate(again))

    assert (status(again), steps(again)["render_pdf"], steps(again)["send_email"]) == ("completed", "done", "done")


# --- the world has changed --------------------------------------------------------------------------------------------


def test_a_check_that_fails_because_of_what_was_done_is_a_warning(world: World) -> None:
    run = customer_without_programs(world)
    assert Customer.objects.count() == 1

    again = rerun.start(run, principal=BY)

    blocks = {check["check"]: check for check in parse(again.checks) if not check["passed"]}
    assert status(again) == "awaiting_approval"
    assert blocks
    assert all(check["severity"] == "warn" for check in blocks.values())
    assert all("only rows that this work inserted itself" in check["detail"] for check in blocks.values())
    world.approve(world.gate(again))
    assert status(again) == "completed"
    assert CustomerProgram.objects.get().customer_id == Customer.objects.get().pk
    assert PendingPush.objects.count() == 1


def test_any_other_check_blocks_as_ever(world: World, partial: WorkflowRun) -> None:
    Customer.objects.update(entitystatus="hold")

    run = rerun.start(partial, principal=BY)

    assert run.status == "blocked"
    assert "customer_not_on_hold" in failed_checks(run)
    assert "customer_not_on_hold" in run.error


def test_what_changes_between_the_new_card_and_the_decision_brings_another(world: World, partial: WorkflowRun) -> None:
    run = rerun.start(partial, principal=BY)
    SpecItem.objects.update(list_price="99.00")

    assert world.decide(world.gate(run)).outcome == "superseded"

    assert status(run) == "awaiting_approval"
    assert skipped(run, "write_quote") == f"done in run {partial.pk}"


def test_what_was_done_with_other_values_is_a_warning(world: World, partial: WorkflowRun) -> None:
    assert "reused_as_it_would_be_now" not in failed_checks(rerun.start(partial, principal=BY))
    world.decide(world.gate(rerun.reruns(partial)[0]), "reject")
    SpecItem.objects.update(list_price="99.00")

    again = rerun.start(partial, principal=BY)

    assert "reused_as_it_would_be_now" in failed_checks(again)
    warning = next(check for check in parse(again.checks) if check["check"] == "reused_as_it_would_be_now")
    assert "write_quote: total was 20.00 and would be 99.00" in warning["detail"]
    assert status(again) == "awaiting_approval"


def test_nothing_is_left_when_it_cannot_be_planned(partial: WorkflowRun, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = WorkflowRun.objects.count()

    def broken(*args: object, **more: object) -> NoReturn:
        raise PlanningError("no")

    monkeypatch.setattr("workflows_app.runner.reading.make_plan", broken)
    with pytest.raises(PlanningError):
        rerun.start(partial, principal=BY)

    assert WorkflowRun.objects.count() == runs


# --- loops ------------------------------------------------------------------------------------------------------------

LOOP = """\
workflow_type: rename_items
contract_version: 1
title: Rename items
category: Test
risk_level: {risk}
description: Renames every item.
trigger: {{kind: manual}}
context:
  - {{name: items, tables: [spec_items], sql: "SELECT item_code, description FROM spec_items ORDER BY item_code",
     params: [], shape: all}}
fan_out:
  - name: rename
    kind: d1_write
    for_each: items
    as: each
    key: item_code
    operations:
      - {{update: spec_items, where: {{item_code: "${{{{ each.item_code }}}}"}}, set: {{pack_size: new}}}}
"""


def _half_renamed(world: World, risk: int) -> WorkflowRun:
    """Two items, of which the second was changed by somebody while the run waited."""
    item("A", pack_size="old"), item("B", pack_size="old")
    release_text(LOOP.format(risk=risk))
    with pytest.MonkeyPatch.context() as patch:
        original = apply._ONE_BY_ONE["row.update"]
        patch.setitem(
            apply._ONE_BY_ONE,
            "row.update",
            lambda effect, ctx: fail() if effect["id"] == "B" else original(effect, ctx),
        )
        run = world.start("rename_items")
        if risk >= 3:
            world.approve(world.gate(run))
    assert (status(run), steps(run)) == ("partial", {"rename A": "done", "rename B": "failed"})
    return run


def test_the_items_of_a_loop_that_were_done_are_not_done_again(world: World) -> None:
    run = _half_renamed(world, risk=3)
    SpecItem.objects.filter(pk="A").update(pack_size="mine")

    again = rerun.start(run, principal=BY)
    world.approve(world.gate(again))

    assert steps(again) == {"rename A": "skipped", "rename B": "done"}
    assert dict(SpecItem.objects.values_list("pk", "pack_size")) == {"A": "mine", "B": "new"}


def test_a_rerun_below_the_gate_goes_on_at_once(world: World) -> None:
    run = _half_renamed(world, risk=2)

    again = rerun.start(run, principal=BY)

    assert status(again) == "completed"
    assert steps(again) == {"rename A": "skipped", "rename B": "done"}


def test_an_item_that_was_done_and_is_gone_stays_on_the_card(world: World) -> None:
    run = _half_renamed(world, risk=3)
    SpecItem.objects.filter(pk="A").delete()

    again = rerun.start(run, principal=BY)

    assert [item["item"] for item in parse(again.plan)] == ["A", "B"]


# --- preview, and checks afterwards -----------------------------------------------------------------------------------


def test_the_preview_says_what_is_reused_done_and_would_repeat(partial: WorkflowRun) -> None:
    runs = WorkflowRun.objects.count()

    shown = {each.step: each for each in rerun.preview(partial, BY).rest}

    assert {name: each.state for name, each in shown.items()} == {
        "write_quote": "reused",
        "render_pdf": "will be done",
        "send_email": "will be done",
        "ns_push": "reused",
        "ar_forecast_touch": "reused",
    }
    assert [effect["kind"] for effect in shown["ns_push"].repeats] == ["netsuite.push"]
    assert shown["ns_push"].effects == shown["render_pdf"].repeats == []
    assert WorkflowRun.objects.count() == runs


def test_the_checks_of_what_was_done_belong_to_the_run_that_did_it(world: World, partial: WorkflowRun) -> None:
    run = rerun.start(partial, principal=BY)
    world.approve(world.gate(run))

    waiting = VerifyResult.objects.filter(run=run, status="pending", due_at__isnull=True)
    assert set(waiting.values_list("after_step", flat=True)) <= {"send_email"}


def test_a_draft_that_an_earlier_run_staged_is_not_waited_for(world: World) -> None:
    run = quote(world)
    world.decide(world.gate(run))
    patch = failing("netsuite.push")
    attempt(run)
    patch.undo()
    assert (run.status, steps(run)["send_email"], steps(run)["ns_push"]) == ("partial", "done", "failed")

    again = rerun.start(run, principal=BY)
    world.approve(world.gate(again))

    assert status(again) == "completed"
    found = dict(VerifyResult.objects.filter(run=again).values_list("name", "status"))
    assert (found["pdf_stored"], found["email_sent"]) == ("not_applicable", "not_applicable")
    assert "pending" in found.values()
    assert VerifyResult.objects.get(run=run, name="email_sent").status == "pending"


def test_a_draft_of_a_rerun_can_be_drafted_again(world: World, partial: WorkflowRun) -> None:
    run = rerun.start(partial, principal=BY)
    world.approve(world.gate(run))
    draft = world.leaf(run, "send_email")
    services.close(draft.pk, "the test says so")

    new = services.propose_again(draft.pk, str(BY))

    assert (new.run_id, new.status) == (run.pk, "pending")
    assert parse(new.effects)["on_approve"][0]["to"] == parse(draft.effects)["on_approve"][0]["to"]


def test_a_run_that_continues_none_reuses_nothing(world: World) -> None:
    assert reuse_of(quote(world)).items == {}


def test_reruns_at_the_same_moment_are_one(partial: WorkflowRun) -> None:
    first = rerun.start(partial, principal=BY, now=database_now() + timedelta(seconds=1))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workflows_app.triggers.rerun.reruns", lambda old: [])  # the other one was not there to be seen
        second = rerun.start(partial, principal=BY)

    assert second.pk == first.pk


def test_nobody_is_told_of_a_second_customer(world: World) -> None:
    """The names that loops and letters use come from what was done, not from a second planning of it."""
    run = customer_without_programs(world)

    again = rerun.start(run, principal=BY)

    assert planned(again, "assign_programs")[0]["values"]["customer_id"] == Customer.objects.get().pk


def test_customers_of_others_are_not_touched(world: World, partial: WorkflowRun) -> None:
    other = customer("Elm School")
    before = Customer.objects.filter(pk=other.pk).values().get()

    world.approve(world.gate(rerun.start(partial, principal=BY)))

    assert Customer.objects.filter(pk=other.pk).values().get() == before

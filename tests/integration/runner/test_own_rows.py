"""A check that fails in a rerun is a warning only when nothing but rows of its own chain is in the way."""

import pytest
from pytest_django import Settings

from approvals.canonical import parse
from tests import endpoints
from tests.company import customer, item, quote_request
from tests.integration.runner.interventions import attempt
from tests.integration.triggers.reruns import (
    BY,
    FORM,
    customer_without_programs,
    customer_without_push,
    failing_inserts,
)
from tests.world import World, failed_checks, release_text, status, steps
from workflows_app.models import Customer, CustomerProgram, PendingPush, Quote, WorkflowRun
from workflows_app.runner.preconditions import CheckResult
from workflows_app.triggers import rerun


def found(run: WorkflowRun, check: str) -> CheckResult:
    """The result of one check that did not pass."""
    run.refresh_from_db()
    result: CheckResult = next(each for each in parse(run.checks) if each["check"] == check)
    assert not result["passed"]
    return result


def twin(key: str = "777") -> None:
    """Somebody adds the same customer in NetSuite, and sync reads it."""
    customer(FORM["company_name"], id=key, ns_id=key, email=FORM["contact_email"])


# --- the contracts that there are -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["777", "zzz"])
def test_a_customer_whom_somebody_else_added_before_the_rerun_is_a_duplicate(world: World, key: str) -> None:
    run = customer_without_push(world)
    twin(key)

    again = rerun.start(run, principal=BY)

    assert status(again) == "blocked"
    assert found(again, "no_duplicate")["severity"] == found(again, "no_duplicate_in_disguise")["severity"] == "block"


@pytest.mark.parametrize("key", ["777", "zzz"])
def test_a_customer_whom_somebody_adds_after_the_card_is_a_duplicate(world: World, key: str) -> None:
    again = rerun.start(customer_without_push(world), principal=BY)
    assert found(again, "no_duplicate")["severity"] == "warn"
    twin(key)

    assert world.decide(world.gate(again)).outcome != "approved"

    world.work()
    assert status(again) == "blocked"
    assert not PendingPush.objects.exists()


def test_a_customer_whom_somebody_adds_after_the_decision_is_a_duplicate(world: World) -> None:
    again = rerun.start(customer_without_push(world), principal=BY)
    assert world.decide(world.gate(again)).outcome == "approved"
    twin()

    world.work()

    assert status(again) == "blocked"
    assert not PendingPush.objects.exists()


def test_a_quote_that_was_accepted_meanwhile_is_not_revised(world: World, settings: Settings) -> None:
    settings.WSGI_APPLICATION = "tests.endpoints.application"
    item("MILK")
    oak = customer("Oak School")
    world.through_the_gate("customer_quote", quote_request(oak, "MILK"))
    inputs = quote_request(oak, "MILK", include_pdf=True, quote_id=Quote.objects.get().pk)
    run = world.start("customer_quote", inputs)
    world.decide(world.gate(run))
    endpoints.site.answers[:] = [422]
    attempt(run)
    assert (run.status, steps(run)["write_quote"], steps(run)["render_pdf"]) == ("partial", "done", "failed")
    Quote.objects.update(lifecycle_status="accepted")

    again = rerun.start(run, principal=BY)

    assert status(again) == "blocked"
    assert failed_checks(again) == ["quote_revisable"]


def test_a_rerun_of_a_rerun_finds_the_customer_of_the_first_run(world: World) -> None:
    run = customer_without_programs(world)
    second = rerun.start(run, principal=BY)
    with failing_inserts("customer_programs"):
        world.approve(world.gate(second))
    assert status(second) == "failed"

    third = rerun.start(second, principal=BY)

    assert status(third) == "awaiting_approval"
    world.approve(world.gate(third))
    assert status(third) == "completed"
    assert CustomerProgram.objects.get().customer_id == Customer.objects.get().pk


# --- what a query can hide --------------------------------------------------------------------------------------------

ADD = """\
workflow_type: add_customer
contract_version: 1
title: Add a customer
category: Test
risk_level: 3
description: Adds a customer with a program.
trigger: {{kind: manual}}
context:
  - {{name: found, {entry}}}
preconditions:
  - {{check: is_new, rule: {rule}, severity: block}}
fan_out:
  - name: write
    kind: d1_write
    operations:
      - insert: customers
        values:
          companyname: Lakeside Schools
          entitystatus: prospect
          credit_limit: "12.5"
          created_at: {{placeholder: now}}
  - name: assign
    kind: d1_write
    needs: [write]
    operations:
      - insert: customer_programs
        values:
          customer_id: "${{{{ steps.write.customers.id }}}}"
          type: pricing_tier
          name: standard
          status: active
          starts_at: {{placeholder: now}}
"""
NAMED = "FROM customers WHERE companyname = 'Lakeside Schools'"


def customers(sql: str, shape: str = "one", rule: str = "found IS NULL") -> str:
    """The contract with this query over the customers."""
    return ADD.format(entry=f'tables: [customers], sql: "{sql}", shape: {shape}', rule=rule)


def half_added(world: World, contract: str) -> WorkflowRun:
    """A customer who was added, but whose program was not."""
    release_text(contract)
    run = world.start("add_customer")
    world.decide(world.gate(run))
    with failing_inserts("customer_programs"):
        attempt(run)
    assert steps(run) == {"write": "done", "assign": "failed"}
    return run


TELLING = [
    customers(f"SELECT id {NAMED} ORDER BY id"),
    customers(f"SELECT * {NAMED} ORDER BY id"),
    customers(f"SELECT id, companyname {NAMED}", "all", "count(found) = 0"),
]


@pytest.mark.parametrize("contract", TELLING)
def test_what_the_chain_added_itself_is_no_obstacle(world: World, contract: str) -> None:
    run = half_added(world, contract)

    again = rerun.start(run, principal=BY)

    assert status(again) == "awaiting_approval"
    assert found(again, "is_new")["severity"] == "warn"
    world.approve(world.gate(again))
    assert status(again) == "completed"


def test_what_netsuite_confirmed_is_still_what_the_chain_added(world: World) -> None:
    run = half_added(world, TELLING[1])
    Customer.objects.update(ns_id="4711")

    assert status(rerun.start(run, principal=BY)) == "awaiting_approval"


@pytest.mark.parametrize("key", ["777", "zzz"])
@pytest.mark.parametrize("contract", TELLING)
def test_another_row_blocks_wherever_it_is_sorted(world: World, contract: str, key: str) -> None:
    run = half_added(world, contract)
    twin(key)

    assert status(rerun.start(run, principal=BY)) == "blocked"


@pytest.mark.parametrize(
    "contract",
    [
        customers(f"SELECT companyname {NAMED}"),
        customers(f"SELECT id {NAMED}", "value"),
        customers(f"SELECT COUNT(*) {NAMED}", "value", "found = 0"),
        customers(f"SELECT id {NAMED} ORDER BY id LIMIT 1"),
        customers(f"SELECT MIN(id) AS id {NAMED} GROUP BY companyname"),
        customers(f"SELECT companyname AS id {NAMED}"),
    ],
)
def test_a_query_that_does_not_tell_rows_apart_blocks_and_says_so(world: World, contract: str) -> None:
    run = half_added(world, contract)

    again = rerun.start(run, principal=BY)

    assert status(again) == "blocked"
    assert "found does not give single rows with their id" in found(again, "is_new")["detail"]
    assert "cannot be told" in again.error


def test_an_aggregate_in_the_rule_itself_blocks(world: World) -> None:
    rule = "COUNT(customers.id WHERE companyname = 'Lakeside Schools') = 0"
    run = half_added(world, customers(f"SELECT id {NAMED}", rule=rule))

    assert status(rerun.start(run, principal=BY)) == "blocked"


def test_a_row_of_the_chain_that_somebody_changed_is_no_longer_its_own(world: World) -> None:
    run = half_added(world, customers("SELECT id FROM customers WHERE entitystatus != 'hold'", rule="found IS NULL"))
    Customer.objects.update(entitystatus="closed")

    again = rerun.start(run, principal=BY)

    assert status(again) == "blocked"
    assert "was changed since" in found(again, "is_new")["detail"]


def test_a_change_that_the_query_does_not_name_is_none(world: World) -> None:
    run = half_added(world, TELLING[0])
    Customer.objects.update(entitystatus="closed")

    assert status(rerun.start(run, principal=BY)) == "awaiting_approval"

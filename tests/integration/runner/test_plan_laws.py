"""Planning is a function: the same inputs and rows give the same plan, whatever the database's mood."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.canonical import canonical
from approvals.clock import database_now
from approvals.models import ProposedAction
from approvals.principals import Principal
from tests import factories
from tests.company import YEAR, customer, invoice, item
from tests.world import World, snapshot
from workflows_app.models import Customer, Event, PendingPush, Quote, QuoteLine, WorkflowContract, WorkflowRun
from workflows_app.runner.inputs import check_inputs
from workflows_app.runner.reading import read
from workflows_app.runner.release import contract_for
from workflows_app.runner.start import Cause, new_run

law = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=12)
STARTED = datetime.now(UTC)
SEEDS = st.integers(0, 2**32)
CODES = ("ÄPFEL", "BEAN", "MILK", "RICE")
Inputs = Callable[[Customer], dict[str, Any]]

WORKFLOWS: dict[str, Inputs] = {
    "new_customer": lambda _: {"company_name": "Elm", "contact_email": "a@elm.example.org", "billing_address": "1 Elm"},
    "customer_quote": lambda oak: {"customer_id": oak.pk, "item_codes": [*CODES, "GHOST"], "school_year": YEAR},
    "quote_draft": lambda oak: {
        "customer_id": oak.pk,
        "item_codes": list(CODES),
        "school_year": YEAR,
        "prices": [{"item_code": code, "case_price": "12.5"} for code in CODES],
    },
    "customer_invoice_dispute": lambda oak: {"email_uuid": "m", "customer_id": oak.pk, "reason_text": "10 % 🙏"},
    "ar_aging_action_plan": lambda _: {},
    "anomaly_remediation": lambda _: {},
}


def furnish(seed: int) -> Customer:
    """The same company each time, its rows inserted in another order."""
    order = random.Random(seed)
    factories.PricingTierFactory(tier="standard")
    owners = [factories.CustomerFactory.build(id=str(number), companyname=f"Customer {number}") for number in range(5)]
    order.shuffle(owners)
    for owner in owners:
        owner.save(force_insert=True)
    rows: list[Callable[[], object]] = [
        *(lambda code=code, n=n: item(code, f"{n + 20}.00", ns_id=f"5{n}") for n, code in enumerate(CODES)),
        *(lambda number=number, days=days: _debt(number, days) for number in range(5) for days in (5, 40, 95)),
        *(lambda code=code: _offer(code) for code in CODES[:2]),
    ]
    order.shuffle(rows)
    for add in rows:
        add()
    return Customer.objects.get(pk="1")


def _debt(number: int, days: int) -> None:
    invoice(Customer.objects.get(pk=str(number)), "9000.00", overdue=days, id=f"9{number}{days}")


def _offer(code: str) -> None:
    factories.ProposedPricingFactory(id=f"offer-{code}", customer_id="1", item_code=code)


def plan_of(workflow_type: str, oak: Customer, now: datetime) -> str:
    """What would be reviewed: checks and plan of a run with a fixed id."""
    row = WorkflowContract.objects.get(workflow_type=workflow_type, active=True)
    contract = contract_for(row)
    cause = Cause(kind="manual", key="k", principal=Principal.machine("test"))
    run = new_run(row, check_inputs(contract, WORKFLOWS[workflow_type](oak)), cause, STARTED)
    run.id = "run-1"
    reading = read(run, contract, now)
    return canonical({"checks": reading.checks, "plan": reading.plan})


@pytest.mark.parametrize("workflow_type", WORKFLOWS)
def test_planning_twice_gives_the_same_plan(world: World, workflow_type: str) -> None:
    oak, now = furnish(0), database_now()

    first, later = plan_of(workflow_type, oak, now), plan_of(workflow_type, oak, now + timedelta(seconds=90))

    assert first == later
    assert '"effects":[{' in first or workflow_type == "anomaly_remediation"


@pytest.mark.parametrize("workflow_type", WORKFLOWS)
def test_planning_writes_nothing(world: World, workflow_type: str) -> None:
    oak = furnish(0)
    before = snapshot()

    plan_of(workflow_type, oak, database_now())

    assert snapshot() == before
    assert not any(model.objects.exists() for model in (ProposedAction, WorkflowRun, Event))


@pytest.mark.parametrize("workflow_type", sorted(WORKFLOWS.keys() - {"anomaly_remediation"}))
@law
@given(seed=SEEDS)
def test_the_order_of_the_rows_does_not_matter(world: World, workflow_type: str, seed: int) -> None:
    plans = []

    for order in (0, seed):
        with transaction.atomic():
            plans.append(plan_of(workflow_type, furnish(order), database_now()))
            transaction.set_rollback(True)

    assert plans[0] == plans[1]


@law
@given(codes=st.permutations([*CODES, *CODES[:2]]))
def test_the_order_and_the_repetition_of_item_codes_do_not_matter(world: World, codes: list[str]) -> None:
    with transaction.atomic():
        oak = furnish(0)
        wanted = _quote_lines(oak, list(CODES))
        found = _quote_lines(oak, codes)
        transaction.set_rollback(True)

    assert found == wanted


def _quote_lines(oak: Customer, codes: list[str]) -> list[Any]:
    row = WorkflowContract.objects.get(workflow_type="customer_quote", active=True)
    contract = contract_for(row)
    inputs = {"customer_id": oak.pk, "item_codes": codes, "school_year": YEAR}
    cause = Cause(kind="manual", key="k", principal=Principal.machine("test"))
    run = new_run(row, check_inputs(contract, inputs), cause, STARTED)
    run.id = "run-1"
    return list(read(run, contract, STARTED).plan[0]["effects"])


def test_two_runs_have_no_id_in_common(world: World) -> None:
    oak = customer()
    item("MILK")
    inputs = {"customer_id": oak.pk, "item_codes": ["MILK"], "school_year": YEAR, "include_pdf": False}

    world.through_the_gate("customer_quote", inputs)
    world.through_the_gate("customer_quote", inputs)

    assert Quote.objects.count() == QuoteLine.objects.count() == PendingPush.objects.count() == 2

"""Runs of which a part failed, for tests of what continues them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest

from approvals.principals import Principal
from tests.integration.runner.interventions import attempt
from tests.world import World, steps
from workflows_app.effects import apply
from workflows_app.models import WorkflowRun

BY = Principal("person", "mike")
FORM = {
    "company_name": "Lakeside Schools",
    "contact_email": "office@lakeside.example.org",
    "billing_address": "1 Lake Rd",
}


def failing(kind: str) -> pytest.MonkeyPatch:
    """Effects of this kind fail for good until it is undone."""
    table: dict[str, Callable[..., Any]] = apply._TOGETHER if kind in apply._TOGETHER else apply._ONE_BY_ONE
    patch = pytest.MonkeyPatch()
    patch.setitem(table, kind, fail)
    return patch


@contextmanager
def failing_inserts(table: str) -> Iterator[None]:
    """New rows of this table fail for good."""
    insert = apply._TOGETHER["row.insert"]

    def inserted(effects: Any, context: Any) -> None:
        fail() if effects[0]["table"] == table else insert(effects, context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(apply._TOGETHER, "row.insert", inserted)
        yield


def fail(*args: object) -> NoReturn:
    """An effect with a defect."""
    raise ZeroDivisionError("oops")


def customer_without_programs(world: World) -> WorkflowRun:
    """A new customer who was written and pushed, but got no programs: somebody had taken the id."""
    run = world.start("new_customer", FORM)
    world.decide(world.gate(run))
    with failing_inserts("customer_programs"):
        attempt(run)
    assert (run.status, steps(run)["write_d1"], steps(run)["assign_programs"]) == ("partial", "done", "failed")
    return run


def customer_without_push(world: World) -> WorkflowRun:
    """A new customer who was written, but not handed to NetSuite."""
    run = world.start("new_customer", FORM)
    world.decide(world.gate(run))
    patch = failing("netsuite.push")
    attempt(run)
    patch.undo()
    assert (run.status, steps(run)["write_d1"], steps(run)["write_ns"]) == ("partial", "done", "failed")
    return run

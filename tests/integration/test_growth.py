"""Nothing that runs all the time, and no list, reads a whole table that grows with every run.

SQLite says how it would go about a statement, and says the same whatever is stored. `tests/bench/growth.py` measures it
on both databases.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from approvals.clock import database_now
from tests.bench.history import TABLES
from tests.integration.admin.rows import start_new_customer
from tests.world import World, status
from workflows_app.delivery.email import deliver_emails
from workflows_app.netsuite.push import drain_pushes
from workflows_app.runner.verify import run_due
from workflows_app.triggers.tick import tick
from workflows_app.triggers.work import work

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what is stored"),
]

GROWING = {*TABLES, "cron_occurrences"}
# They have the few rows that are not finished.
PARTIAL = {
    each.name
    for model in apps.get_models()
    for each in (*model._meta.indexes, *model._meta.constraints)
    if getattr(each, "condition", None) is not None
}
_SORTS = "USE TEMP B-TREE FOR ORDER BY"
PASSES: dict[str, Callable[[], Any]] = {
    "tick": lambda: tick(database_now()),
    "work": lambda: work(),
    "letters": lambda: deliver_emails(),
    "pushes": lambda: drain_pushes(),
    "verify": lambda: run_due(database_now()),
}
LISTS = [
    "/approvals/proposedaction/",
    "/approvals/proposedaction/?status__exact=pending",
    "/approvals/proposedaction/?action_type=quote_email",
    "/approvals/decision/",
    "/workflows_app/workflowrun/",
    "/workflows_app/workflowrun/?status__exact=failed",
    "/workflows_app/workflowrun/?workflow_type=new_customer",
    "/workflows_app/workflowstep/",
    "/workflows_app/runhistory/",
    "/workflows_app/runlog/",
    "/workflows_app/reflexionlog/",
    "/workflows_app/verifyresult/",
    "/workflows_app/event/",
    "/workflows_app/cronoccurrence/",
    "/workflows_app/pendingpush/",
    "/workflows_app/outboundemail/",
]


@contextmanager
def plans(found: list[str]) -> Iterator[None]:
    """How SQLite goes about each statement, a line a step, with the statement."""

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)", sql) and not many:
            cursor = connection.create_cursor()
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            found.extend(f"{row[3]} << {sql}" for row in cursor.fetchall())
            cursor.close()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield


def reads(found: list[str]) -> list[str]:
    """The steps that read a whole growing table."""
    return [line for line in found if _scans(line)]


def lists(found: list[str]) -> list[str]:
    """The steps that read a whole growing table otherwise than in the order of the list, or sort what they read.

    In that order a page is read and no more.
    """
    return [line for line in found if ("ORDER BY" not in line and _scans(line)) or line.startswith(_SORTS)]


def _scans(line: str) -> bool:
    """In a subquery, a table is called `U0` and so on. A page that is read in the order of an index ends with it."""
    step = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))? <<", line)
    growing = step is not None and (step[1] in GROWING or re.fullmatch(r"[UT]\d+", step[1]))
    one_page = step and step[2] and "LIMIT" in line
    return bool(growing and step and step[2] not in PARTIAL and not one_page)


def test_a_scan_and_a_sort_are_noticed(world: World) -> None:
    found: list[str] = []
    with plans(found), connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM workflow_runs WHERE error = 'x'")
        cursor.execute("SELECT id FROM event_ledger ORDER BY payload LIMIT 5")

    assert [line.split(" << ")[0] for line in reads(found)] == ["SCAN workflow_runs", "SCAN event_ledger"]
    assert [line.split(" << ")[0] for line in lists(found)] == ["SCAN workflow_runs", _SORTS]


@pytest.mark.parametrize("name", PASSES)
def test_a_pass_with_nothing_to_do_reads_no_growing_table(world: World, name: str) -> None:
    PASSES[name]()  # the first one finds what the demo left due

    found: list[str] = []
    with plans(found):
        PASSES[name]()

    assert reads(found) == []


def test_a_run_reads_no_growing_table(world: World) -> None:
    found: list[str] = []
    with plans(found):
        run = start_new_customer()
        world.approve(world.gate(run))

    assert status(run) == "completed"
    assert reads(found) == []


@pytest.mark.parametrize("url", LISTS)
def test_a_list_reads_no_growing_table(world: World, url: str) -> None:
    assert lists(plans_of(url)) == []


def test_the_front_page_reads_no_growing_table(world: World) -> None:
    assert reads(plans_of("/")) == []


def plans_of(url: str) -> list[str]:
    """How SQLite goes about the statements of a page."""
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser("looker"))
    found: list[str] = []
    with plans(found):
        assert client.get(url).status_code == 200
    return found

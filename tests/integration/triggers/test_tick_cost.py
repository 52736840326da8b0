"""A scheduler pass looks at what is open: no table that grows with what has ended is read as a whole."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.clock import database_now
from tests.world import World
from workflows_app.netsuite.push import drain_pushes
from workflows_app.runner.verify import run_due
from workflows_app.triggers.tick import tick
from workflows_app.triggers.work import work

GROWING = {
    "alerts",
    "cron_occurrences",
    "event_ledger",
    "ns_pending_pushes",
    "outbound_email_log",
    "proposed_actions",
    "workflow_run_history",
    "workflow_run_log",
    "workflow_runs",
    "workflow_steps",
    "workflow_verify_results",
}


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL reads small tables as a whole")
def test_no_pass_reads_a_table_that_grows(world: World) -> None:
    now = database_now()
    with CaptureQueriesContext(connection) as captured:
        tick(now)
        work(now)
        run_due(now)
        drain_pushes()

    plans = list(_plans(query["sql"] for query in captured))

    assert any("workflow_runs" in plan for plan in plans)
    assert {plan for plan in plans if plan.startswith("SCAN") and plan.removeprefix("SCAN ") in GROWING} == set()


def _plans(statements: Iterator[str]) -> Iterator[str]:
    with connection.cursor() as cursor:
        for sql in statements:
            if sql.startswith(("SELECT", "UPDATE", "DELETE")):
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
                yield from (line[3] for line in cursor.fetchall())

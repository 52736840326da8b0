"""Nothing that runs all the time, no list, no filter and no search reads a growing table whole.

`tests/plans.py` says what that means. `tests/bench/growth.py` measures it on both databases.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from approvals.clock import database_now
from tests.integration.admin.rows import start_new_customer
from tests.plans import GROWING, Step, steps
from tests.world import World, status
from workflows_app.admin.growing import GrowingAdmin
from workflows_app.delivery.email import deliver_emails
from workflows_app.netsuite.push import drain_pushes
from workflows_app.runner.verify import run_due
from workflows_app.triggers.tick import tick
from workflows_app.triggers.work import work

pytestmark = pytest.mark.django_db
planned = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what is stored")

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
    "/workflows_app/quote/",
    "/workflows_app/quoteline/",
    "/workflows_app/inboundemail/",
    "/workflows_app/inboundemail/?triage=waiting",
    "/workflows_app/alert/",
    "/workflows_app/alert/?resolved_at__isempty=1",
]
FILTERS = [
    "/approvals/proposedaction/?status__exact=rejected",
    "/approvals/proposedaction/?status__exact=approved",
    "/approvals/proposedaction/?status__exact=pending&action_type=quote_email",
    "/approvals/proposedaction/?risk_level=4",
    "/approvals/proposedaction/?outcome__exact=uncertain",
    "/approvals/proposedaction/?proposed_at__gte=2026-01-01+00:00:00%2B00:00",
    "/approvals/decision/?verdict__exact=reject",
    "/approvals/decision/?decided_at__gte=2026-01-01+00:00:00%2B00:00",
    "/workflows_app/workflowrun/?trigger_kind=cron",
    "/workflows_app/workflowrun/?queued_at__gte=2026-01-01+00:00:00%2B00:00",
    "/workflows_app/workflowstep/?status__exact=failed",
    "/workflows_app/workflowstep/?step=write_ns",
    "/workflows_app/runhistory/?to_status=failed",
    "/workflows_app/runlog/?status=failed",
    "/workflows_app/verifyresult/?status=fail",
    "/workflows_app/verifyresult/?status__in=fail,timeout",
    "/workflows_app/verifyresult/?name=quote_row",
    "/workflows_app/event/?event_type=workflow.failed",
    "/workflows_app/pendingpush/?status=dead",
    "/workflows_app/pendingpush/?status__in=dead,conflict",
    "/workflows_app/pendingpush/?record_type=customer",
    "/workflows_app/outboundemail/?status=uncertain",
    "/workflows_app/outboundemail/?status__in=queued,sending",
]
SEARCHED = [type_ for type_, page in admin.site._registry.items() if isinstance(page, GrowingAdmin) and page.search_by]
LONG = [type_ for type_, page in admin.site._registry.items() if isinstance(page, GrowingAdmin)]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows are more than a filter looks through."""
    monkeypatch.setattr("workflows_app.admin.large_tables.MOST_ROWS", 1)


def reads(found: list[Step]) -> list[str]:
    """The steps that read as much of a growing table as there is."""
    return [str(step) for step in found if step.everything]


def lists(found: list[Step]) -> list[str]:
    """Also those that sort what they read. A list that has one page only asks for no limit."""
    pages = [
        step if re.search(r"LIMIT \S+$", step.sql) else replace(step, sql=f"{step.sql} LIMIT 50") for step in found
    ]
    return [
        str(step)
        for step in pages
        if step.everything or (step.sorts and GROWING & set(re.findall(r"FROM \"(\w+)\"", step.sql)))
    ]


@planned
@pytest.mark.parametrize(
    ("sql", "how"),
    [
        ("SELECT COUNT(*) FROM workflow_runs WHERE error = 'x'", "SCAN workflow_runs"),
        ("SELECT id FROM event_ledger ORDER BY payload LIMIT 5", "SCAN event_ledger"),
        ("SELECT id FROM workflow_steps WHERE id > 0 AND error = 'x'", "SEARCH workflow_steps"),
        ("SELECT id FROM workflow_steps WHERE id > 0 AND error = 'x' ORDER BY id LIMIT 5", "SEARCH workflow_steps"),
        ("SELECT error FROM workflow_runs WHERE status = 'completed'", "SEARCH workflow_runs"),
        (
            "SELECT id FROM workflow_runs WHERE id IN (SELECT run_id FROM workflow_steps U0 WHERE U0.error = 'x')",
            "SCAN U0",
        ),
    ],
)
def test_reading_everything_is_noticed(world: World, sql: str, how: str) -> None:
    found: list[Step] = []
    with steps(found), connection.cursor() as cursor:
        cursor.execute(sql.replace("workflow_steps U0", '"workflow_steps" U0'))

    assert [line.startswith(how) for line in reads(found)] == [True]


@planned
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM workflow_runs ORDER BY queued_at DESC, id LIMIT 5",
        "SELECT error FROM workflow_runs WHERE status = 'failed' ORDER BY queued_at DESC LIMIT 5",
        "SELECT error FROM workflow_runs WHERE id >= 'a' AND id < 'b' LIMIT 5",
        "SELECT error FROM workflow_runs WHERE trigger_key = 'a'",
        "SELECT title FROM workflow_contracts",
    ],
)
def test_reading_a_page_or_a_few_rows_is_not(world: World, sql: str) -> None:
    found: list[Step] = []
    with steps(found), connection.cursor() as cursor:
        cursor.execute(sql)

    assert reads(found) == []


@planned
@pytest.mark.parametrize("name", PASSES)
def test_a_pass_with_nothing_to_do_reads_no_growing_table(nothing_due: None, name: str) -> None:
    PASSES[name]()  # the first one finds what the demo left due

    found: list[Step] = []
    with steps(found):
        PASSES[name]()

    assert reads(found) == []


@planned
def test_a_run_reads_no_growing_table(world: World) -> None:
    found: list[Step] = []
    with steps(found):
        run = start_new_customer()
        world.approve(world.gate(run))

    assert status(run) == "completed"
    assert reads(found) == []


@planned
@pytest.mark.parametrize("url", LISTS)
def test_a_list_reads_no_growing_table(world: World, url: str) -> None:
    assert lists(steps_of(url)) == []


@planned
@pytest.mark.parametrize("url", FILTERS)
def test_a_filter_reads_no_growing_table(world: World, many: None, url: str) -> None:
    start_new_customer()
    world.approve(world.gate(start_new_customer("Second")))

    pending = "USING INDEX proposal_inbox (<expr>=?)"
    assert reads([step for step in steps_of(url) if not step.since and pending not in step.how]) == []


@pytest.mark.once
def test_what_no_filter_knows_is_refused_with_a_way_back_and_reads_nothing(db: None) -> None:
    """By each column in turn: most are no filter's, and many have no index."""
    client, taken = _looker(), []
    for model in LONG:
        address = f"/{model._meta.app_label}/{model._meta.model_name}/"
        columns = [field.name for field in model._meta.fields if not field.is_relation]
        asked = ["o=1", "o=-2.1", *(f"{name}__{how}=x" for name in columns for how in ("icontains", "regex"))]
        taken += [f"{address}?{each}" for each in asked if client.get(f"{address}?{each}").url != address]

    assert taken == []
    page = client.get("/workflows_app/workflowrun/?error__icontains=x&o=3", follow=True)
    assert "only its own filters and its search work" in page.content.decode()


@planned
@pytest.mark.parametrize("model", SEARCHED, ids=lambda model: model._meta.model_name)
@pytest.mark.parametrize("text", ["maple", "cs-", "0"])
def test_a_search_reads_no_growing_table(world: World, model: Any, text: str) -> None:
    start_new_customer()

    assert reads(steps_of(f"/{model._meta.app_label}/{model._meta.model_name}/?q={text}")) == []


def test_the_lists_of_growing_tables_are_searched_and_sorted_by_an_index_only() -> None:
    pages = [page for model, page in admin.site._registry.items() if model._meta.db_table in GROWING]

    assert {page.model._meta.db_table for page in pages} == GROWING
    assert [page for page in pages if not isinstance(page, GrowingAdmin)] == []
    assert [page for page in pages if page.search_fields or page.sortable_by != ()] == []
    assert [page for page in pages if page.show_facets is not admin.ShowFacets.NEVER] == []


@planned
def test_the_front_page_reads_no_growing_table(world: World) -> None:
    assert reads([step for step in steps_of("/") if not step.since]) == []


def steps_of(url: str) -> list[Step]:
    """How SQLite goes about the statements of a page."""
    client = _looker()
    found: list[Step] = []
    with steps(found):
        assert client.get(url).status_code == 200
    return found


def _looker() -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser("looker"))
    return client

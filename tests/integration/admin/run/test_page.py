"""The run's page: names instead of ids, trouble in plain words, and as many queries however long the run."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.canonical import canonical
from approvals.clock import database_now
from tests import endpoints
from tests.integration.admin.rows import stage
from tests.integration.admin.run.stories import look, page, partial, quote, retrying, rungs, sent_quote
from tests.integration.runner.interventions import do
from tests.world import World
from workflows_app.models import Event, OutboundEmail, VerifyResult, WorkflowContract, WorkflowRun, WorkflowStep


def text(client: Client, run: WorkflowRun, **query: str) -> str:
    answer = client.get(reverse("admin:workflows_app_workflowrun_change", args=[run.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def said(html: str) -> str:
    """What a person reads of it."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_the_page_says_what_the_run_is_about_and_where_it_stands(console: Client, world: World) -> None:
    run = quote(world)

    html = text(console, run)

    assert "<h1>Quote 1 items to Oak School for" in html
    assert "Waits for a decision, asked" in html
    assert reverse("admin:approvals_proposedaction_change", args=[run.proposal_id]) in html
    assert "Started by hand, by mike." in html
    assert "person:mike" not in html


def test_an_error_is_said_in_plain_words_with_its_text_behind_them(
    console: Client, world: World, site: endpoints.Site
) -> None:
    html = text(console, partial(world, site))

    assert "/api/quote/pdf refused what it was asked." in html
    assert "Run the rest again" in html
    assert re.search(r"<details[^>]*><summary>Technical text</summary><pre[^>]*>/api/quote/pdf answered 422", html)


def test_a_run_that_ended_well_says_so(console: Client, world: World, site: endpoints.Site) -> None:
    run = sent_quote(world)
    look()

    read = said(text(console, run))

    assert "All 5 steps are done." in read
    assert "Letter sent to" in read
    assert "Check “email sent” holds." in read
    assert "Mike approved: the whole run." in read


def test_an_open_check_says_when_it_is_looked_at(world: World, site: endpoints.Site) -> None:
    rows = {row.result.name: row for row in page(sent_quote(world)).verify}

    assert re.match(r"checks at \d+ \w+ \d{4} \d\d:\d\d \w+, given up at ", rows["pdf_stored"].when)


def test_a_check_after_a_decision_says_what_it_counts_from(world: World, site: endpoints.Site) -> None:
    run = quote(world)
    world.approve(world.gate(run))

    rows = {row.result.name: row for row in page(run).verify}

    assert rows["email_sent"].when == "counts from the decision on send email"


def test_a_cancelled_run_says_by_whom_and_why(console: Client, world: World, mike: User) -> None:
    run = quote(world)
    do(run, "cancel", by=mike, reason="the customer called")

    assert "Cancelled by mike: the customer called. Nothing was done." in text(console, run)


def test_a_contract_that_does_not_load_leaves_the_rest_of_the_page(console: Client, world: World) -> None:
    run = quote(world)
    WorkflowContract.objects.filter(pk=run.contract_id).update(sha256="0" * 64)

    html = text(console, run)

    assert "does not load any more" in html
    assert "All that can be done is to cancel it" in html
    assert "is not the one that was released" in html
    assert "Cancel this run" in html
    assert "<svg class=" not in html


def test_workers_that_died_with_it_are_told(console: Client, world: World) -> None:
    run = quote(world)
    world.decide(world.gate(run))
    error, wake = "OperationalError: database is locked", database_now() + timedelta(minutes=5)
    WorkflowRun.objects.filter(pk=run.pk).update(crashes=2, error=error, wake_at=wake)

    read = said(text(console, run))

    assert "2 workers in a row died while working on this run; after 1 more the run is stopped." in read
    assert "A worker broke off; it is tried again in 5 min. The database was busy or away." in read


def test_what_was_read_is_shown_as_tables_of_a_bounded_size(console: Client, world: World) -> None:
    run = quote(world)
    rows = [{"code": f"ITM-{number}"} for number in range(30)]
    WorkflowRun.objects.filter(pk=run.pk).update(context=canonical({"line": rows}))

    few, whole = text(console, run), text(console, run, whole="1")

    assert "30 rows" in few
    assert ("ITM-19" in few, "ITM-20" in few) == (True, False)
    assert "10 more" in few
    assert "ITM-29" in whole


def test_many_items_that_ended_alike_are_one_row(world: World) -> None:
    run = quote(world)
    add_steps(run, 40)

    (row,) = page(run).steps.shown

    assert (row.about, len(row.items)) == ("40 items", 40)


def test_of_very_many_steps_those_in_trouble_are_shown(world: World) -> None:
    run = quote(world)
    add_steps(run, 150, status="failed", error="KeyError: 'x'", first=200)
    add_steps(run, 150)

    found = page(run).steps

    assert {row.status for row in found.shown} == {"failed"}
    assert found.more == 200


def add_steps(run: WorkflowRun, count: int, *, first: int = 0, **values: object) -> None:
    """Items of one step."""
    numbers = range(first, first + count)
    common = {"run": run, "step": "notify", "kind": "flag", "status": "done", "finished_at": run.queued_at}
    WorkflowStep.objects.bulk_create(
        [WorkflowStep(**{**common, "position": number, "item": f"i{number:04}", **values}) for number in numbers]
    )


def grow(run: WorkflowRun, first: int, count: int) -> None:
    """More of everything that a run can have."""
    add_steps(run, count, first=first, status="failed", error="KeyError: 'x'")
    now = database_now()
    for number in range(first, first + count):
        leaf = stage(
            {"on_approve": [], "recheck": []},
            number=f"grown-{number}",
            run_id=run.pk,
            step="notify",
            item=f"i{number:04}",
        )
        OutboundEmail.objects.create(
            id=f"cs-eml-{number}", to="a@example.com", subject="x", body="", proposed_action=leaf, created_at=now,
            message_id=f"<{number}@x>", status="sent", sent_at=now,
        )  # fmt: skip
        VerifyResult.objects.create(
            run=run, name=f"check {number}", kind="sql", spec="{}", window_seconds=1, due_at=now, created_at=now
        )
        Event.objects.create(
            id=f"cs-evt-{number}", event_type="x", idempotency_key=f"x{number}", run_id=run.pk, recorded_at=now
        )


@pytest.fixture
def queries(console: Client) -> Callable[[str], int]:
    def count(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert console.get(url).status_code == 200
        return len(captured)

    return count


@pytest.mark.parametrize("name", ["workflows_app_workflowrun_change", "run_live"])
def test_a_long_run_takes_as_many_queries_as_a_short_one(
    world: World, queries: Callable[[str], int], site: endpoints.Site, name: str
) -> None:
    run = retrying(world, site)
    url = reverse(f"admin:{name}", args=[run.pk])
    grow(run, 0, 3)
    few = queries(url)

    grow(run, 3, 40)

    assert queries(url) == few
    assert few < 40


def test_a_check_that_failed_leads_to_the_correction_that_it_proposed(
    console: Client, world: World, site: endpoints.Site
) -> None:
    run = sent_quote(world)
    look(minutes=120)

    rows = {row.result.name: row for row in page(run).verify}

    correction = rows["ns_quote_reflects"].correction
    assert correction is not None
    assert rows["quote_persisted"].correction is None
    assert f"A correction was proposed: {correction.title}" in said(text(console, run))
    assert rungs(run, "After the check ns quote reflects")["verified"] == "bad"

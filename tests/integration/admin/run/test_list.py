"""The list of runs: what each is about, and what it waits for."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from approvals.clock import database_now
from tests import endpoints
from tests.integration.admin.run.stories import partial, quote, retrying
from tests.integration.runner.interventions import do
from tests.world import World
from workflows_app.admin.run.titles import title, waits_for, with_titles
from workflows_app.models import ReflexionLog, WorkflowRun

URL = reverse("admin:workflows_app_workflowrun_changelist")


def row(run: WorkflowRun) -> WorkflowRun:
    return with_titles(WorkflowRun.objects.filter(pk=run.pk)).get()


def test_a_run_has_the_title_of_its_card(console: Client, world: World) -> None:
    run = quote(world)

    assert title(row(run)).startswith("Quote 1 items to Oak School for ")
    assert "Quote 1 items to Oak School for " in console.get(URL).content.decode()


def test_without_a_card_it_is_called_what_is_remembered(world: World, mike: User) -> None:
    run = quote(world)
    do(run, "cancel", by=mike)
    WorkflowRun.objects.filter(pk=run.pk).update(proposal_id="")

    assert title(row(run)).startswith("Quote 1 items to Oak School for ")


def test_without_a_memory_it_has_the_title_of_its_contract(world: World) -> None:
    run = quote(world)
    WorkflowRun.objects.filter(pk=run.pk).update(proposal_id="", inputs='{"company_name":"Elm"}')
    ReflexionLog.objects.all().delete()

    assert title(row(run)) == f"{run.contract.title}: Elm"


def test_an_open_run_says_what_it_waits_for(world: World, site: endpoints.Site) -> None:
    now = database_now()
    run = quote(world)
    again = WorkflowRun(status="retrying", wake_at=now + timedelta(seconds=4))

    assert waits_for(row(run), now) == "a decision"
    assert waits_for(again, now) == "another attempt, in 4 s"


def test_an_ended_run_says_what_is_still_open(world: World, site: endpoints.Site) -> None:
    run = quote(world)
    world.approve(world.gate(run))

    assert waits_for(row(run), database_now()) == "one decision"


def test_a_run_that_ended_early_says_why(world: World, mike: User) -> None:
    run = quote(world)
    do(run, "cancel", by=mike, reason="too late")

    assert waits_for(row(run), database_now()) == "Cancelled by mike: too late"


def test_a_run_that_failed_in_part_says_why_in_plain_words(world: World, site: endpoints.Site) -> None:
    run = partial(world, site)

    assert waits_for(row(run), database_now()) == "/api/quote/pdf refused what it was asked."


def test_runs_are_filtered_by_workflow_under_its_title(console: Client, world: World, site: endpoints.Site) -> None:
    run = retrying(world, site)

    mine = console.get(URL, {"workflow_type": "customer_quote"})
    other = console.get(URL, {"workflow_type": "new_customer"})

    assert [one.pk for one in mine.context["cl"].result_list] == [run.pk]
    assert list(other.context["cl"].result_list) == []
    assert run.contract.title in mine.content.decode()

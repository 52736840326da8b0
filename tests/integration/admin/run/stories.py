"""Runs in every state, told as their pages tell them."""

from datetime import timedelta

from approvals.clock import database_now
from tests import endpoints
from tests.integration.runner.interventions import attempt, quote, quote_without_pdf
from tests.world import World
from workflows_app.admin.run.ladder import Ladder, read_ladders
from workflows_app.admin.run.page import RunPage, run_page
from workflows_app.models import WorkflowRun
from workflows_app.runner.verify import run_due

LETTER, PUSH, FILE, QUOTE = "Send email", "NetSuite push", "Render PDF", "Write quote"


def page(run: WorkflowRun, refusal: str = "") -> RunPage:
    """The page of a run as it is now."""
    return run_page(WorkflowRun.objects.select_related("contract").get(pk=run.pk), refusal, database_now())


def ladders(run: WorkflowRun) -> dict[str, Ladder]:
    """The first ladder of each step, by the step's title."""
    found: dict[str, Ladder] = {}
    for row in read_ladders(page(run).story).rows:
        found.setdefault(row.ladder.about, row.ladder)
    return found


def rungs(run: WorkflowRun, step: str) -> dict[str, str]:
    """The states of the first ladder of a step by rung."""
    return {rung.name: rung.state for rung in ladders(run)[step].rungs}


def sent_quote(world: World) -> WorkflowRun:
    """A quote whose letter was approved and sent; its push waits, its checks too."""
    run = quote(world)
    world.approve(world.gate(run))
    world.approve(world.leaf(run, "send_email"))
    world.deliver()
    run.refresh_from_db()
    return run


def look(minutes: int = 20) -> None:
    """The verify scheduler comes by, later."""
    run_due(database_now() + timedelta(minutes=minutes))


def retrying(world: World, site: endpoints.Site) -> WorkflowRun:
    """A quote whose PDF failed once."""
    return quote_without_pdf(world, site, 503)


def partial(world: World, site: endpoints.Site) -> WorkflowRun:
    """A quote whose PDF failed for good."""
    return quote_without_pdf(world, site, 422)


__all__ = ["attempt", "ladders", "look", "page", "partial", "quote", "retrying", "rungs", "sent_quote"]

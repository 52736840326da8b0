"""What a page that follows a run is told: only what is different, and when to stop asking."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests import endpoints
from tests.integration.admin.run.stories import attempt, quote, retrying
from tests.integration.admin.test_get_safety import fingerprint
from tests.world import World
from workflows_app.models import WorkflowRun


@pytest.fixture
def run(world: World) -> WorkflowRun:
    """A quote that waits for its decision."""
    return quote(world)


def asked_by(client: Client, run: WorkflowRun) -> str:
    """The address that the run's page asks."""
    html = client.get(reverse("admin:workflows_app_workflowrun_change", args=[run.pk])).content.decode()
    return question(html)


def question(html: str) -> str:
    """The next address in a page or an answer; nothing when it asks no more."""
    found = re.search(r'id="run-live" data-live hx-get="([^"]*)" hx-trigger="every (\d)s"', html)
    return found[1] if found else ""


def changed(html: str) -> list[str]:
    return re.findall(r'<div id="run-(\w+)" hx-swap-oob="innerHTML">', html)


def test_a_run_that_stands_still_has_nothing_to_tell(console: Client, run: WorkflowRun) -> None:
    url = asked_by(console, run)

    answers = [console.get(url) for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2


def test_asking_changes_nothing(console: Client, world: World, run: WorkflowRun) -> None:
    url = asked_by(console, run)
    world.decide(world.gate(run))
    before = fingerprint()

    assert console.get(url).status_code == 200
    assert fingerprint() == before


def test_only_what_is_different_is_sent(console: Client, world: World, run: WorkflowRun) -> None:
    url = asked_by(console, run)
    world.decide(world.gate(run))

    answer = console.get(url).content.decode()

    assert {"head", "status", "picture", "timeline", "effects", "decisions"} <= set(changed(answer))
    assert {"context", "checks"}.isdisjoint(changed(answer))
    assert question(answer) not in ("", url)


def test_the_next_answer_counts_from_this_one(console: Client, world: World, run: WorkflowRun) -> None:
    url = asked_by(console, run)
    world.decide(world.gate(run))

    answer = console.get(url).content.decode()

    assert console.get(question(answer)).status_code == 204


def test_a_step_under_way_changes_its_row(console: Client, world: World, site: endpoints.Site) -> None:
    run = retrying(world, site)
    url = asked_by(console, run)
    site.answers[:] = [503]
    attempt(run)

    answer = console.get(url).content.decode()

    assert "steps" in changed(answer)
    assert "attempt 2 of 3" in answer


def test_a_run_that_has_ended_is_not_asked_about_again(
    console: Client, world: World, site: endpoints.Site, run: WorkflowRun
) -> None:
    url = asked_by(console, run)
    world.approve(world.gate(run))

    answer = console.get(url).content.decode()

    assert question(answer) == ""
    assert 'id="run-live"' in answer
    assert {"head", "steps", "verify", "memory", "actions"} <= set(changed(answer))
    assert asked_by(console, run) == ""


@pytest.mark.parametrize("seen", ["", "nonsense", "a.b.c", "." * 400])
def test_whoever_says_nothing_sensible_gets_everything(console: Client, run: WorkflowRun, seen: str) -> None:
    answer = console.get(reverse("admin:run_live", args=[run.pk]), {"seen": seen})

    assert len(changed(answer.content.decode())) == 14


def test_a_visitor_may_look_and_gets_no_buttons(viewer: Client, world: World, site: endpoints.Site) -> None:
    run = retrying(world, site)

    answer = viewer.get(reverse("admin:run_live", args=[run.pk])).content.decode()

    assert "attempt 1 of 3" in answer
    assert "<form" not in answer


@pytest.mark.parametrize("who", ["sales", "nobody"])
def test_whoever_may_not_see_runs_is_told_nothing(run: WorkflowRun, request: pytest.FixtureRequest, who: str) -> None:
    client: Client = Client() if who == "nobody" else request.getfixturevalue(who)

    answer = client.get(reverse("admin:run_live", args=[run.pk]))

    assert answer.status_code in (302, 403)


def test_a_run_that_is_not_there_is_not_found(console: Client) -> None:
    assert console.get(reverse("admin:run_live", args=["nope"])).status_code == 404

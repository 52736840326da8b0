"""`intervene`: the same service at the command line."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests import endpoints
from tests.integration.runner.interventions import decided, person, quote_without_pdf
from tests.world import World, status
from workflows_app.models import WorkflowRun


@pytest.fixture
def run(world: World, site: endpoints.Site) -> WorkflowRun:
    """A quote whose PDF waits for its second attempt."""
    return quote_without_pdf(world, site, 503)


def refused(*arguments: str) -> tuple[int, str]:
    """Exit code and sentence of a command that does not do it."""
    with pytest.raises(CommandError) as error:
        call_command("intervene", *arguments)
    return error.value.returncode, str(error.value)


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one JSON object on stdout."""
    return json.loads(capsys.readouterr().out)


def test_a_step_is_tried_again_now(world: World, run: WorkflowRun, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("intervene", run.pk, "retry", "--as", "mike", "--json")

    answer = said(capsys)
    assert answer == {
        "run_id": run.pk,
        "status": "retrying",
        "done": True,
        "message": "It is tried again now.",
        "proposal_id": decided(run)[0].proposal_id,
    }
    world.work()
    assert status(run) == "completed"


def test_a_run_is_cancelled(run: WorkflowRun, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("intervene", run.pk, "cancel", "--as", "mike", "--reason", "all off")

    assert capsys.readouterr().out.startswith("Cancelled. 3 steps done before stay done.")
    assert decided(run)[0].channel == "command"


def test_a_refusal_is_one(run: WorkflowRun) -> None:
    assert refused(run.pk, "skip", "--step", "write_quote", "--as", "mike", "--reason", "x")[0] == 1
    assert refused(run.pk, "skip", "--step", "render_pdf", "--as", "mike") == (1, "Skipping needs a reason.")
    assert status(run) == "retrying"


@pytest.mark.parametrize("who", ["machine:tick", "vera"])
def test_neither_machines_nor_viewers_intervene(run: WorkflowRun, who: str) -> None:
    person("vera", "Viewers")

    assert refused(run.pk, "cancel", "--as", who, "--reason", "x")[0] == 1
    assert status(run) == "retrying"


def test_what_makes_no_sense_is_two(run: WorkflowRun) -> None:
    assert refused("nope", "retry", "--as", "mike")[0] == 2
    assert refused(run.pk, "stop", "--as", "mike")[0] == 2
    assert refused(run.pk, "retry", "--as", "nobody")[0] == 2


def test_show_run_tells_the_attempts(run: WorkflowRun, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("show_run", run.pk)

    assert "render_pdf: attempt 1 of 3, next " in capsys.readouterr().out

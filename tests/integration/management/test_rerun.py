"""`rerun`: the rest of a run, at the command line."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests import endpoints
from tests.integration.runner.interventions import person, quote_without_pdf
from tests.world import World, status
from workflows_app.models import WorkflowRun


@pytest.fixture
def partial(world: World, site: endpoints.Site) -> WorkflowRun:
    """A quote whose PDF failed for good."""
    return quote_without_pdf(world, site, 422)


def refused(*arguments: str) -> tuple[int, str]:
    """Exit code and sentence of a command that does not do it."""
    with pytest.raises(CommandError) as error:
        call_command("rerun", *arguments)
    return error.value.returncode, str(error.value)


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one JSON object on stdout."""
    return json.loads(capsys.readouterr().out)


def test_it_starts_and_says_where_it_waits(
    world: World, partial: WorkflowRun, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("rerun", partial.pk, "--as", "mike", "--json")

    answer = said(capsys)
    run = WorkflowRun.objects.get(pk=answer["run_id"])
    assert answer == {
        "run_id": run.pk,
        "status": "awaiting_approval",
        "proposal_id": run.proposal_id,
        "continues": partial.pk,
    }
    world.approve(world.gate(run))
    assert status(run) == "completed"


def test_a_dry_run_says_what_would_be_done_and_repeat(partial: WorkflowRun, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("rerun", partial.pk, "--as", "mike", "--dry-run", "--json")

    answer = said(capsys)
    steps = answer["steps"]
    assert {step["name"]: step["state"] for step in steps} == {
        "write_quote": "reused",
        "render_pdf": "will be done",
        "send_email": "will be done",
        "ns_push": "reused",
        "ar_forecast_touch": "reused",
    }
    assert all(bool(step["would_repeat"]) == (step["state"] == "reused") for step in steps)
    assert all(bool(step["effects"]) == (step["state"] == "will be done") for step in steps)
    assert not WorkflowRun.objects.filter(trigger_kind="rerun").exists()


def test_a_dry_run_reads_well(partial: WorkflowRun, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("rerun", partial.pk, "--as", "mike", "--dry-run")

    text = capsys.readouterr().out
    assert f"ns_push: reused, done in run {partial.pk}; a start from the beginning would repeat: netsuite.push" in text
    assert "render_pdf: will be done: http.request /api/quote/pdf" in text
    assert text.endswith("Nothing was written.\n")


def test_what_did_not_fail_is_refused(world: World, partial: WorkflowRun) -> None:
    run = quote_of_another(world)

    assert refused(run.pk, "--as", "mike")[0] == 1


def quote_of_another(world: World) -> WorkflowRun:
    """A run that waits at its gate."""
    form = {
        "company_name": "Lakeside Schools",
        "contact_email": "office@lakeside.example.org",
        "billing_address": "1 Lake Rd",
    }
    return world.start("new_customer", form)


@pytest.mark.parametrize("who", ["machine:tick", "vera"])
def test_only_approvers_start_it(partial: WorkflowRun, who: str) -> None:
    person("vera", "Viewers")

    assert refused(partial.pk, "--as", who)[0] == 1
    assert refused(partial.pk, "--as", who, "--dry-run")[0] == 1


def test_what_makes_no_sense_is_two(partial: WorkflowRun) -> None:
    assert refused("nope", "--as", "mike")[0] == 2
    assert refused(partial.pk, "--as", "nobody")[0] == 2

"""A step calls a far end: approved as what is sent, with a secret that nothing here ever holds (QUALITY.md test 29)."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.far_end import FarEnd, far_end
from tests.world import World, release_text
from workflows_app.delivery import artifacts, outside
from workflows_app.models import WorkflowRun, WorkflowStep

pytestmark = pytest.mark.usefixtures("canary")
CANARY = "canary-9f86d081884c7d65"
CONTRACT = """\
workflow_type: tell_partner
contract_version: 1
title: Tell the partner
category: Test
risk_level: 3
description: Calls a far end.
trigger: {{kind: manual}}
inputs:
  - {{name: note, type: string, required: true}}
fan_out:
  - name: tell
    kind: http_call
    method: POST
    url: "http://partner.example.com:{port}/orders/${{{{ note }}}}"
    headers: {{Authorization: {{secret: PARTNER}}, X-Note: "${{{{ note }}}}"}}
    body: {{note: "${{{{ note }}}}"}}
    produces: ["answers/${{{{ run.id }}}}.txt"]
retry: {{max_attempts: 1}}
"""


@pytest.fixture
def canary(settings: Settings) -> None:
    settings.HTTP_SECRETS = {"PARTNER": f"Bearer {CANARY}"}


@pytest.fixture
def partner(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[FarEnd]:
    with far_end() as end:
        settings.HTTP_HOSTS = [f"partner.example.com:{end.port}"]
        settings.HTTP_NETWORKS = ["127.0.0.0/8"]
        monkeypatch.setattr(outside, "system_addresses", lambda host, port: ["127.0.0.1"])
        release_text(CONTRACT.format(port=end.port))
        yield end


def page(client: Client, world: World, model: str, pk: str) -> str:
    world.mike.is_staff = True
    world.mike.save()
    client.force_login(world.mike)
    answer = client.get(reverse(f"admin:{model}_change", args=[pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def card(client: Client, world: World, pk: str) -> str:
    return page(client, world, "approvals_proposedaction", pk)


def told(world: World) -> tuple[WorkflowRun, WorkflowStep]:
    run = world.through_the_gate("tell_partner", {"note": "A-1"})
    return run, WorkflowStep.objects.get(run=run, step="tell")


def test_the_approved_call_reaches_the_partner_and_its_answer_is_kept(world: World, partner: FarEnd) -> None:
    run, step = told(world)

    assert (run.status, step.status, partner.connections) == ("completed", "done", 1)
    assert b"POST /orders/A-1 HTTP/1.1" in partner.heard[0]
    assert partner.heard[0].endswith(b'{"note":"A-1"}')
    assert f"Bearer {CANARY}".encode() in partner.heard[0]
    assert artifacts.read(f"answers/{run.pk}.txt") == b"fine"


def test_a_host_that_is_taken_off_the_list_is_not_called(world: World, partner: FarEnd, settings: Settings) -> None:
    run = world.start("tell_partner", {"note": "A-1"})
    settings.HTTP_HOSTS = []
    world.approve(world.gate(run))

    step = WorkflowStep.objects.get(run=run, step="tell")
    assert (step.status, partner.connections) == ("failed", 0)
    assert "not among the hosts that may be called" in step.error


def test_an_input_cannot_turn_the_path(world: World, partner: FarEnd) -> None:
    run = world.through_the_gate("tell_partner", {"note": "../admin"})

    step = WorkflowStep.objects.get(run=run, step="tell")
    assert (step.status, partner.connections) == ("failed", 0)
    assert "step upwards" in step.error


@pytest.mark.parametrize("status", [b"400 No", b"200 OK"])
def test_a_secret_is_in_no_row_no_page_no_file_and_no_log(
    world: World, partner: FarEnd, client: Client, caplog: pytest.LogCaptureFixture, status: bytes
) -> None:
    """The far end says the secret again, as an echo service would."""
    said = f'{{"authorization": "Bearer {CANARY}"}}'.encode()
    partner.answer = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(said), said)
    caplog.set_level(logging.DEBUG)

    run, step = told(world)

    assert step.status == "failed"
    dumped, shown = StringIO(), StringIO()
    call_command("dumpdata", "approvals", "workflows_app", stdout=dumped)
    call_command("show_run", run.pk, "--json", stdout=shown)
    pages = [page(client, world, "workflows_app_workflowrun", run.pk), card(client, world, str(run.proposal_id))]
    texts = [dumped.getvalue(), shown.getvalue(), caplog.text, *pages]
    assert "PARTNER" in dumped.getvalue()
    assert [CANARY in text for text in texts] == [False] * len(texts)
    assert not artifacts.exists(f"answers/{run.pk}.txt")


def test_the_card_names_the_secret(world: World, partner: FarEnd, client: Client) -> None:
    proposal = world.gate(world.start("tell_partner", {"note": "A-1"}))

    shown = card(client, world, proposal.pk)

    assert "the secret PARTNER" in shown
    assert "partner.example.com" in shown
    assert '"headers":{"Authorization":{"secret":"PARTNER"},"X-Note":"A-1"}' in proposal.effects

"""Pausing a workflow in the console: by POST, with a reason that is kept."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.integration.admin.conftest import browser
from workflows_app.models import ContractPause, WorkflowContract

pytestmark = pytest.mark.usefixtures("contracts")
TYPE = "anomaly_remediation"


def pause(client: Client, **data: str) -> str:
    url = reverse("admin:contract_pause", args=[TYPE])
    return client.post(url, {"paused": "yes", "reason": "Audit <x>.", **data}, follow=True).content.decode()


def paused() -> bool:
    return WorkflowContract.objects.get(workflow_type=TYPE, active=True).paused


def test_an_approver_pauses_and_lets_go_on(console: Client) -> None:
    text = pause(console)
    assert paused()
    assert "Paused: nothing starts it but a person." in text
    assert "Paused by person:mike" in text
    assert "Audit &lt;x&gt;." in text

    text = pause(console, paused="no", reason="Done.")
    assert not paused()
    assert "Went on by person:mike" in text
    assert ContractPause.objects.count() == 2


def test_a_pause_needs_a_reason(console: Client) -> None:
    assert "Say why" in pause(console, reason="  ")
    assert not paused()


def test_a_second_click_pauses_nothing_twice(console: Client) -> None:
    pause(console)

    assert "It already stood so." in pause(console)
    assert ContractPause.objects.count() == 1


@pytest.mark.parametrize("who", ["viewer", "superuser", "sales"])
def test_nobody_else_pauses(who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)

    assert (
        client.post(reverse("admin:contract_pause", args=[TYPE]), {"paused": "yes", "reason": "x"}).status_code == 403
    )
    assert not paused()


def test_whoever_may_not_pause_sees_no_button(viewer: Client) -> None:
    row = WorkflowContract.objects.get(workflow_type=TYPE, active=True)

    text = viewer.get(reverse("admin:workflows_app_workflowcontract_change", args=[row.pk])).content.decode()

    assert "Pause this workflow" not in text


def test_a_get_and_a_post_without_a_token_pause_nothing(console: Client, mike: User) -> None:
    url = reverse("admin:contract_pause", args=[TYPE])

    assert console.get(url, {"paused": "yes", "reason": "x"}).status_code == 405
    client = browser(mike, enforce_csrf_checks=True)
    assert client.post(url, {"paused": "yes", "reason": "x"}).status_code == 403
    assert not paused()


def test_a_workflow_that_is_not_there_is_not_found(console: Client) -> None:
    assert console.post(reverse("admin:contract_pause", args=["nobody"]), {"paused": "yes"}).status_code == 404

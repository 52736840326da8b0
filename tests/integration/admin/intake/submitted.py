"""A form filled in by anna of Sales, and what becomes of it."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from approvals import services
from approvals.models import ProposedAction, Verdict
from tests.integration.admin.rows import INPUTS
from workflows_app.models import WorkflowRun
from workflows_app.triggers.work import work

KEY = "3f2a0d8e-1111-4222-8333-444455556666"
FORM = reverse("intake:form", args=["new_customer"])
MINE = reverse("intake:mine")


def hand_in(client: Client, **changes: str) -> HttpResponse:
    """Send the form."""
    return client.post(FORM, {**INPUTS, "key": KEY, **changes})  # type: ignore[return-value]


def the_run() -> WorkflowRun:
    """The only run there is."""
    return WorkflowRun.objects.get()


def decide(mike: User, verdict: str, reason: str = "") -> None:
    """Mike decides on what holds the run, and workers do what follows."""
    gate = ProposedAction.objects.get(run_id=the_run().pk, step="", status="pending")
    services.decide(gate.pk, Verdict(verdict), user=mike, channel="test", digest=gate.digest, reason=reason)
    while work():
        pass


def text(client: Client, url: str, **data: Any) -> str:
    """A page that is there."""
    response = client.get(url, data)
    assert response.status_code == 200, url
    return str(response.content.decode())

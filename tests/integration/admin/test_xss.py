"""Text from outside is text on every page (QUALITY.md test 24; the same in a browser comes with its own issue)."""

from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from approvals.models import ProposedAction
from tests import factories
from tests.integration.admin.rows import gate_of, hostile_effects, leaf, stage, start_new_customer
from workflows_app.models import Alert, WorkflowRun

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "</pre><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "{{ 7|add:7 }}{% debug %}",
    '<a href="javascript:alert(1)">x</a>',
]


class Handlers(HTMLParser):
    """Collects what could execute: event handlers of ours, script elements with our text, javascript: links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_script = tag == "script"
        for name, value in attrs:
            risky = name.startswith("on") or (
                name in ("href", "src", "action") and (value or "").startswith("javascript")
            )
            if risky and "alert" in (value or ""):
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self.in_script and "alert(1)" in data:
            self.found.append(f"script {data[:40]}")


def executable(page: str) -> list[str]:
    handlers = Handlers()
    handlers.feed(page)
    return handlers.found


def test_the_test_sees_what_executes() -> None:
    assert len(executable("<script>alert(1)</script><img onerror=alert(1)><a href='javascript:alert(1)'>x</a>")) == 3


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_card_executes_nothing_from_names_summaries_letters_records_and_reasons(
    console: Client, payload: str
) -> None:
    effects = hostile_effects(payload)
    proposal = stage(leaf(*effects), title=payload, summary=payload, customer_name=payload, payload='{"a":1}')
    ProposedAction.objects.filter(pk=proposal.pk).update(closed_reason=payload, entity_ref=payload, proposed_by=payload)

    for url in (
        reverse("admin:approvals_proposedaction_change", args=[proposal.pk]),
        reverse("admin:approvals_proposedaction_changelist"),
        "/",
    ):
        assert executable(console.get(url).content.decode()) == [], url


@pytest.mark.parametrize("payload", PAYLOADS)
def test_runs_mirror_rows_alerts_and_reasons_execute_nothing(
    mike: User, console: Client, contracts: None, payload: str
) -> None:
    run = start_new_customer(company_name=payload, billing_address=payload)
    gate = gate_of(run)
    reject = {"verdict": "reject", "digest": gate.digest, "reason": payload}
    said = console.post(reverse("admin:proposal_decide", args=[gate.pk]), reject, follow=True)
    WorkflowRun.objects.filter(pk=run.pk).update(error=payload)
    customer = factories.CustomerFactory(companyname=payload, billing_address=payload)
    Alert.objects.create(
        key="k", kind=payload[:60], message=payload, created_at=gate.proposed_at, last_seen_at=gate.proposed_at
    )

    assert executable(said.content.decode()) == []
    for url in (
        reverse("admin:workflows_app_workflowrun_change", args=[run.pk]),
        reverse("admin:workflows_app_workflowrun_changelist"),
        reverse("admin:workflows_app_customer_change", args=[customer.pk]),
        reverse("admin:workflows_app_customer_changelist"),
        reverse("admin:workflows_app_alert_changelist"),
        reverse("admin:workflows_app_reflexionlog_changelist"),
        reverse("admin:approvals_decision_changelist"),
    ):
        assert executable(console.get(url).content.decode()) == [], url


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_form_that_comes_back_executes_nothing(console: Client, contracts: None, payload: str) -> None:
    typed = {"company_name": payload, "billing_address": payload, "credit_limit": payload, "key": payload}

    page = console.post(reverse("admin:contract_start", args=["new_customer"]), typed).content.decode()

    assert executable(page) == []

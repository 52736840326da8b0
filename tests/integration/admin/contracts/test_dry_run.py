"""The dry run of the start form: what would happen, with nothing written, and then the start of just that."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import ProposedAction
from tests import factories
from tests.integration.admin.rows import INPUTS
from tests.integration.admin.test_get_safety import fingerprint
from workflows_app.models import WorkflowRun

KEY = "11111111-2222-3333-4444-555555555555"
pytestmark = pytest.mark.usefixtures("contracts")


@pytest.fixture(autouse=True)
def _terms(db: None) -> None:
    factories.PaymentTermFactory()
    factories.PricingTierFactory()


def url(workflow_type: str = "new_customer") -> str:
    return reverse("admin:contract_start", args=[workflow_type])


def dry(client: Client, workflow_type: str = "new_customer", **typed: object) -> str:
    response = client.post(url(workflow_type), {"do": "dry", "key": KEY, **typed})
    assert response.status_code == 200
    return response.content.decode()


def sent_again(page: str) -> dict[str, list[str]]:
    """What the form under the preview would send."""
    form = page[page.index('class="cs-start-again"') :]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<textarea hidden name="([^"]+)">\n(.*?)</textarea>', form, re.DOTALL):
        found.setdefault(name, []).append(html.unescape(value))
    return found


def test_a_dry_run_shows_the_card_and_changes_no_row_of_any_table(console: Client) -> None:
    before = fingerprint()

    page = dry(console, **INPUTS)

    assert fingerprint() == before
    assert "Onboard Maple Ridge Schools" in page
    assert "Nothing was written" in page
    assert "What would happen once it is approved" in page
    assert "food@mapleridge.example" in page
    assert "Welcome" in page


def test_a_start_after_a_dry_run_starts_with_the_same_inputs(console: Client) -> None:
    sent = sent_again(dry(console, **INPUTS))

    response = console.post(url(), {"do": "start", "key": KEY, **sent})

    run = WorkflowRun.objects.get()
    assert response.headers["Location"] == reverse(
        "admin:approvals_proposedaction_change", args=[ProposedAction.objects.get().pk]
    )
    assert '"company_name":"Maple Ridge Schools"' in run.inputs
    assert "12 Elm Street" in run.inputs


def test_going_back_from_a_dry_run_loses_nothing_that_was_typed(console: Client) -> None:
    sent = sent_again(dry(console, **{**INPUTS, "credit_limit": "1,500.00"}))

    page = console.post(url(), {"do": "change", "key": KEY, **sent}).content.decode()

    assert 'value="1,500.00"' in page
    assert "12 Elm Street\nMaple Ridge, NY</textarea>" in page.replace("\r\n", "\n")
    assert f'value="{KEY}"' in page


def test_a_block_is_said_plainly_and_offers_no_start(console: Client) -> None:
    factories.CustomerFactory(companyname="Maple Ridge Schools")
    before = fingerprint()

    page = dry(console, **INPUTS)

    assert "It would be stopped before anything is done." in page
    assert "No duplicate" in page
    assert 'value="start"' not in page
    assert "Change what was typed" in page
    assert 'aria-label="no_duplicate: failed"' in page
    assert 'aria-label="write_d1: not reached"' in page
    assert fingerprint() == before


def test_the_picture_shows_how_far_it_would_go(console: Client) -> None:
    page = dry(console, **INPUTS)

    for label in ("Mike approves: waiting", "no_duplicate: done", "write_d1: not yet", "Manual: done"):
        assert f'aria-label="{label}"' in page


def test_wrong_inputs_come_back_marked_and_nothing_is_planned(console: Client) -> None:
    response = console.post(url(), {**INPUTS, "company_name": "", "do": "dry", "key": KEY})

    assert response.status_code == 422
    assert "Company name is required." in response.content.decode()


def test_what_cannot_be_planned_is_said_by_the_dry_run_as_well(console: Client) -> None:
    customer = factories.CustomerFactory()
    factories.SpecItemFactory(item_code="MILK")
    prices = '[{"item_code": "MILK", "case_price": "1.00"}, {"item_code": "MILK", "case_price": "2.00"}]'

    response = console.post(
        url("quote_draft"),
        {"customer_id": customer.pk, "item_codes": "MILK", "school_year": "2026-27", "prices": prices, "do": "dry"},
    )

    assert response.status_code == 422
    assert "It cannot be planned: " in response.content.decode()


@pytest.mark.parametrize("workflow_type", ["ar_aging_action_plan", "anomaly_remediation"])
def test_workflows_without_inputs_are_tried_as_well(console: Client, workflow_type: str) -> None:
    factories.ArAgingFactory()
    before = fingerprint()

    page = dry(console, workflow_type)

    assert "Nothing was written" in page
    assert fingerprint() == before


def test_a_workflow_without_a_gate_says_that_a_start_runs_it_at_once(console: Client) -> None:
    assert "it runs at once" in dry(console, "anomaly_remediation")


@pytest.mark.parametrize("who", ["viewer", "superuser"])
def test_others_try_nothing(who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)

    assert client.post(url(), {**INPUTS, "do": "dry"}).status_code == 403


def test_what_was_typed_is_escaped_wherever_it_is_shown(console: Client) -> None:
    page = dry(console, **{**INPUTS, "company_name": '</textarea><script>alert("x")</script>'})

    assert "<script>alert" not in page

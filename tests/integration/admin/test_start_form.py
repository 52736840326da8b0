"""Starting by hand: the form of a contract's inputs, its errors, the double click, and who may."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import ProposedAction
from tests import factories
from tests.integration.admin.rows import INPUTS
from workflows_app.models import WorkflowContract, WorkflowRun

KEY = "11111111-2222-3333-4444-555555555555"


def url(workflow_type: str = "new_customer") -> str:
    return reverse("admin:contract_start", args=[workflow_type])


@pytest.fixture(autouse=True)
def _contracts(contracts: None) -> None:
    factories.PaymentTermFactory()
    factories.PricingTierFactory()


def test_the_form_has_a_field_for_each_input(console: Client) -> None:
    page = console.get(url()).content.decode()

    names = set(re.findall(r'name="([a-z_]+)"', page))
    assert {"company_name", "contact_email", "billing_address", "credit_limit", "key"} <= names
    assert "Company name, at most 200 characters" in page


@pytest.mark.parametrize("row", ["new_customer", "customer_quote", "customer_invoice_dispute", "ar_aging_action_plan"])
def test_every_contract_can_be_opened_for_a_start_by_hand(console: Client, row: str) -> None:
    assert console.get(url(row)).status_code == 200


def test_a_start_leads_to_the_card_that_waits(console: Client) -> None:
    response = console.post(url(), {**INPUTS, "key": KEY})

    gate = ProposedAction.objects.get()
    assert response.headers["Location"] == reverse("admin:approvals_proposedaction_change", args=[gate.pk])
    run = WorkflowRun.objects.get()
    assert '"principal":"person:mike"' in run.trigger


def test_a_double_click_starts_one_run(console: Client) -> None:
    for _click in range(2):
        assert console.post(url(), {**INPUTS, "key": KEY}).status_code == 302

    assert WorkflowRun.objects.count() == 1


def test_a_browser_sends_the_key_of_its_form_so_that_two_forms_start_two_runs(console: Client) -> None:
    keys = [re.search(r'name="key" value="([^"]+)"', console.get(url()).content.decode()) for _form in range(2)]

    assert len({key[1] for key in keys if key}) == 2


def test_wrong_inputs_say_what_is_wrong_and_lose_nothing(console: Client) -> None:
    response = console.post(url(), {**INPUTS, "company_name": " ", "credit_limit": "a lot", "key": KEY})

    page = response.content.decode()
    assert response.status_code == 422
    assert "Company name is required." in page
    assert "Credit limit takes a number such as 1250.00;" in page
    assert 'value="a lot"' in page
    assert "12 Elm Street" in page
    assert f'value="{KEY}"' in page
    assert WorkflowRun.objects.count() == 0


def test_what_cannot_be_planned_comes_back_with_the_reason_and_starts_nothing(console: Client) -> None:
    customer = factories.CustomerFactory()
    factories.SpecItemFactory(item_code="MILK")
    prices = '[{"item_code": "MILK", "case_price": "1.00"}, {"item_code": "MILK", "case_price": "2.00"}]'
    typed = {"customer_id": customer.id, "item_codes": "MILK", "school_year": "2026-27", "prices": prices, "key": KEY}

    response = console.post(url("quote_draft"), typed)

    page = response.content.decode()
    assert response.status_code == 422
    assert "It cannot be planned: " in page
    assert "MILK" in page
    assert WorkflowRun.objects.count() == 0


def test_lists_are_typed_one_per_line(console: Client) -> None:
    customer = factories.CustomerFactory()
    factories.SpecItemFactory(item_code="ITM-1")
    typed = {"customer_id": customer.id, "item_codes": "ITM-1\r\n\r\n ITM-2 ", "school_year": "2026-27", "key": KEY}

    console.post(url("customer_quote"), typed)

    assert '"item_codes":["ITM-1","ITM-2"]' in WorkflowRun.objects.get().inputs


@pytest.mark.parametrize("row", ["new_customer", "customer_quote", "ar_aging_action_plan"])
def test_sales_has_the_intake_and_no_start_form_and_nothing_is_looked_up_for_it(sales: Client, row: str) -> None:
    """Not even of the contract whose intake form it hands in: a dry run shows what is read for it."""
    offers = reverse("admin:contract_offers", args=[row, "customer_id"])

    answers = [sales.get(url(row)), sales.post(url(row), {**INPUTS, "key": KEY}), sales.get(offers)]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert WorkflowRun.objects.count() == 0


def test_what_one_started_lately_is_listed_by_name_with_its_state_and_when(console: Client) -> None:
    console.post(url(), {**INPUTS, "key": KEY})

    page = console.get(url()).content.decode()

    listed = re.findall(r"<li><span class=.cs-chip[^<]*>([^<]*)</span>\s*<a href=\"([^\"]*)\">([^<]*)</a>", page)
    run = WorkflowRun.objects.get()
    assert [(status.strip(), name) for status, _link, name in listed] == [
        ("Awaiting Approval", f"Onboard {INPUTS['company_name']}")
    ]
    assert listed[0][1] == reverse("admin:workflows_app_workflowrun_change", args=[run.pk])


@pytest.mark.parametrize("who", ["viewer", "superuser"])
def test_others_start_nothing(who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)

    assert client.post(url(), {**INPUTS, "key": KEY}).status_code == 403
    assert WorkflowRun.objects.count() == 0


def test_an_unknown_workflow_is_not_found(console: Client) -> None:
    assert console.get(url("made_up")).status_code == 404


def test_a_contract_that_does_not_load_shows_why_and_breaks_no_other_page(console: Client) -> None:
    WorkflowContract.objects.filter(workflow_type="new_customer").update(source="sales_intake_form: [", sha256="0" * 64)
    row = WorkflowContract.objects.get(workflow_type="new_customer", active=True)

    page = console.get(reverse("admin:workflows_app_workflowcontract_change", args=[row.pk])).content.decode()

    assert "This version does not load" in page
    assert console.get("/").status_code == 200
    assert console.get(url()).status_code == 404


def test_the_page_of_a_contract_has_the_ten_sections(console: Client) -> None:
    for row in WorkflowContract.objects.filter(active=True):
        page = console.get(reverse("admin:workflows_app_workflowcontract_change", args=[row.pk])).content.decode()

        for number in range(1, 11):
            assert f"<h2>{number} · " in page, (row, number)

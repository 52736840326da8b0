"""The form of the intake: its fields and pickers, what is wrong, and one run for one submission."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.canonical import parse
from tests import factories
from tests.integration.admin.conftest import browser, person
from tests.integration.admin.intake.submitted import FORM, KEY, hand_in, text, the_run
from tests.integration.admin.rows import INPUTS
from tests.integration.admin.test_xss import PAYLOADS, executable
from workflows_app.models import WorkflowContract, WorkflowRun


def test_every_input_of_the_contract_has_a_field_with_words_and_help(sales: Client) -> None:
    page = text(sales, FORM)

    for name in ("company_name", "contact_email", "contact_phone", "billing_address", "shipping_address", "terms",
                 "sales_rep", "pricing_tier", "credit_limit"):  # fmt: skip
        assert f'id="in-{name}"' in page, name
        assert f'aria-describedby="help-{name}"' in page
    assert "As it should stand on invoices." in page
    assert "The customer</legend>" in page


def test_terms_tier_and_rep_are_picked_from_what_netsuite_has(sales: Client) -> None:
    page = text(sales, FORM)

    assert '<option value="Net 15">Net 15</option><option value="Net 30">Net 30</option>' in page
    assert '<option value="rep-1">Bo Lind</option>' in page
    assert re.search(r'<select id="in-pricing_tier".*<option value="standard">', page)


def test_a_submission_starts_a_run_with_what_was_typed_and_who_did(sales: Client) -> None:
    picked = {"terms": "Net 15", "sales_rep": "rep-1", "pricing_tier": "standard", "credit_limit": "2,500.00"}

    response = hand_in(sales, **picked)

    run = the_run()
    assert response.headers["Location"] == reverse("intake:submission", args=[run.pk])
    assert run.status == "awaiting_approval"
    assert parse(run.inputs)["company_name"] == INPUTS["company_name"]
    assert parse(run.trigger)["principal"] == "person:anna"
    assert parse(run.trigger)["source"] == "sales_intake_form"
    assert parse(run.context)["rep"]["name"] == "Bo Lind"
    assert parse(run.context)["payment_term"]["name"] == "Net 15"
    assert [check["check"] for check in parse(run.checks) if not check["passed"]] == []


def test_a_double_click_makes_one_run(sales: Client) -> None:
    answers = [hand_in(sales).headers["Location"] for _click in range(2)]

    assert answers[0] == answers[1]
    assert WorkflowRun.objects.count() == 1


def test_the_back_button_and_other_entries_make_a_run_of_their_own(sales: Client) -> None:
    hand_in(sales)
    hand_in(sales, company_name="Lakeside Schools", contact_email="office@lakeside.example")

    assert WorkflowRun.objects.count() == 2


def test_the_same_form_key_of_somebody_else_is_another_submission(sales: Client) -> None:
    hand_in(sales)
    hand_in(browser(person("ben", "Sales")))

    assert WorkflowRun.objects.count() == 2


def test_each_form_has_a_key_of_its_own(sales: Client) -> None:
    keys = [re.search(r'name="key" value="([^"]+)"', text(sales, FORM)) for _form in range(2)]

    assert len({key[1] for key in keys if key}) == 2


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(sales: Client) -> None:
    typed = {"company_name": " ", "credit_limit": "a lot", "terms": "Net 15", "shipping_address": "Dock 4\nAlbany"}

    response = hand_in(sales, **typed)

    page = unescape(response.content.decode())
    assert response.status_code == 422
    assert re.search(r'id="help-company_name">\s*<p class="cs-error">Company name is required.', page)
    assert re.search(r'id="help-credit_limit">\s*<p class="cs-error">Credit limit takes a number', page)
    assert 'value="a lot"' in page
    assert "Dock 4\nAlbany" in page
    assert '<option value="Net 15" selected>' in page
    assert f'name="key" value="{KEY}"' in page
    assert WorkflowRun.objects.count() == 0


def test_what_is_no_choice_any_more_stays_chosen(sales: Client) -> None:
    page = hand_in(sales, terms="Net 99", company_name="").content.decode()

    assert '<option value="Net 99" selected>Net 99 (not known here)</option>' in page


@pytest.mark.parametrize("payload", [*PAYLOADS, "\0", "\ud800"])
def test_whatever_is_typed_comes_back_as_text(sales: Client, payload: str) -> None:
    names = ("company_name", "contact_email", "billing_address", "terms", "sales_rep", "credit_limit", "key")

    answer = hand_in(sales, **{name: payload.encode(errors="replace").decode() for name in names})

    assert answer.status_code in (302, 422)
    assert executable(answer.content.decode()) == []


def test_a_customer_that_exists_is_handed_in_and_said_to_be_there(sales: Client) -> None:
    factories.CustomerFactory(companyname=INPUTS["company_name"].upper())

    page = sales.get(hand_in(sales).headers["Location"]).content.decode()

    assert the_run().status == "blocked"
    assert "There is already a customer with this name" in page


def test_the_form_takes_the_same_queries_for_any_number_of_customers(sales: Client) -> None:
    def queries() -> int:
        factories.CustomerFactory.create_batch(5)
        factories.SalesRepFactory.create_batch(5)
        with CaptureQueriesContext(connection) as captured:
            text(sales, FORM)
        return len(captured)

    text(sales, FORM)

    assert queries() == queries() < 20


def test_only_contracts_that_say_so_have_an_intake(sales: Client, console: Client) -> None:
    for client in (sales, console):
        assert client.get(reverse("intake:form", args=["customer_quote"])).status_code == 404
        assert client.post(reverse("intake:form", args=["customer_quote"]), {"key": KEY}).status_code == 404
        assert client.get(reverse("intake:form", args=["made-up"])).status_code == 404
    assert WorkflowRun.objects.count() == 0


def test_a_contract_that_does_not_load_has_no_form_and_breaks_no_page(sales: Client) -> None:
    WorkflowContract.objects.filter(workflow_type="new_customer").update(source="sales_intake_form: [", sha256="0" * 64)

    assert sales.get(FORM).status_code == 404
    assert sales.get("/").status_code == 200
    assert sales.get(reverse("intake:mine")).status_code == 200


@pytest.mark.parametrize("who", ["viewer", "superuser"])
def test_others_cannot_hand_in(who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)

    for url in (FORM, reverse("intake:mine")):
        assert client.get(url).status_code == 403
    assert hand_in(client).status_code == 403
    assert WorkflowRun.objects.count() == 0


def test_a_form_without_its_token_is_refused(mike: User) -> None:
    client = browser(person("anna", "Sales"), enforce_csrf_checks=True)

    assert hand_in(client).status_code == 403
    assert client.post(reverse("intake:alike", args=["new_customer"])).status_code == 403
    assert WorkflowRun.objects.count() == 0

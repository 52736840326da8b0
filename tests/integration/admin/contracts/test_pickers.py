"""Names instead of ids in the start form."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import factories
from workflows_app.admin.contracts.pickers import Source, meant, source_of
from workflows_app.models import WorkflowRun

pytestmark = pytest.mark.usefixtures("contracts")
KEY = "11111111-2222-3333-4444-555555555555"


def source(name: str, kind: str = "string") -> Source:
    found = source_of(name, kind)
    assert found is not None
    return found


def offers(client: Client, workflow_type: str, name: str, typed: str, field: str = "") -> str:
    url = reverse("admin:contract_offers", args=[workflow_type, name])
    response = client.get(url, {field or name: typed})
    assert response.status_code == 200
    return response.content.decode()


def start_quote(client: Client, **typed: Any) -> Any:
    url = reverse("admin:contract_start", args=["customer_quote"])
    return client.post(url, {"school_year": "2026-27", "key": KEY, **typed})


def test_customers_are_offered_by_any_part_of_their_name(console: Client) -> None:
    maple = factories.CustomerFactory(companyname="Maple <Ridge> Schools")
    factories.CustomerFactory(companyname="Oak Hill")

    page = offers(console, "customer_quote", "customer_id", "ridge")

    assert f'value="Maple &lt;Ridge&gt; Schools · {maple.pk}"' in page
    assert "Oak Hill" not in page


def test_an_offer_that_was_chosen_is_the_row_behind_its_last_dot(console: Client) -> None:
    factories.CustomerFactory(companyname="Twins")
    second = factories.CustomerFactory(companyname="Twins")
    factories.SpecItemFactory(item_code="ITM-1", description="Milk, 2 %")

    start_quote(console, customer_id=f"Twins · {second.pk}", item_codes=["Milk, 2 % · ITM-1", ""])

    run = WorkflowRun.objects.get()
    assert f'"customer_id":"{second.pk}"' in run.inputs
    assert '"item_codes":["ITM-1"]' in run.inputs


def test_a_name_that_one_row_has_is_enough(console: Client) -> None:
    maple = factories.CustomerFactory(companyname="Maple Ridge Schools")
    factories.SpecItemFactory(item_code="ITM-1", description="Whole milk")

    start_quote(console, customer_id="  maple ridge  SCHOOLS ", item_codes="whole MILK\r\nITM-9")

    run = WorkflowRun.objects.get()
    assert f'"customer_id":"{maple.pk}"' in run.inputs
    assert '"item_codes":["ITM-1","ITM-9"]' in run.inputs


def test_a_name_that_two_rows_have_is_asked_about_and_nothing_typed_is_lost(console: Client) -> None:
    factories.CustomerFactory(companyname="Twins")
    factories.CustomerFactory(companyname="Twins")

    response = start_quote(console, customer_id="Twins", item_codes=["A", "B"])

    page = response.content.decode()
    assert response.status_code == 422
    assert "Customer is not clear: there is more than one customer called Twins." in page
    assert 'value="Twins"' in page
    assert 'value="A"' in page
    assert 'value="B"' in page
    assert WorkflowRun.objects.count() == 0


def test_a_row_whose_id_is_typed_is_meant_even_when_another_is_called_so() -> None:
    by_id = factories.CustomerFactory()
    factories.CustomerFactory(companyname=by_id.pk)

    assert meant(source("customer_id"), by_id.pk) == by_id.pk


@pytest.mark.parametrize("name", ["customer_id", "invoice_ref", "item_codes", "quote_id", "sales_rep", "terms"])
def test_what_nobody_is_called_stays_as_it_was_typed(name: str) -> None:
    kind = "list[string]" if name == "item_codes" else "string"

    assert meant(source(name, kind), " no such thing ") == "no such thing"
    assert meant(source(name, kind), " ") == ""


def test_only_texts_are_looked_up() -> None:
    assert source_of("customer_id", "integer") is None
    assert source_of("company_name", "string") is None


def test_invoices_are_offered_by_the_beginning_of_their_number_with_customer_and_balance(console: Client) -> None:
    customer = factories.CustomerFactory(companyname="Maple Ridge Schools")
    for number in range(20):
        factories.TransactionFactory(tranid=f"INV-10{number:02}", customer_id=customer.pk)
    factories.TransactionFactory(tranid="INV-2000", customer_id=customer.pk)

    page = offers(console, "customer_invoice_dispute", "invoice_ref", "INV-10")

    assert page.count("<option") == 12
    assert "INV-1000" in page
    assert "INV-2000" not in page
    assert "Maple Ridge Schools" in page


def test_invoices_are_found_without_reading_the_whole_table() -> None:
    factories.TransactionFactory()
    with CaptureQueriesContext(connection) as found:
        source("invoice_ref").search("INV")
    statement = next(each["sql"] for each in found if "transactions" in each["sql"])

    assert "ORDER BY" in statement
    assert "LIMIT" in statement
    assert "LIKE" not in statement.upper()


def test_quotes_messages_reps_terms_and_tiers_are_offered_by_name(console: Client) -> None:
    customer = factories.CustomerFactory(companyname="Maple Ridge Schools")
    quote = factories.QuoteFactory(customer_id=customer.pk)
    mail = factories.InboundEmailFactory(subject="About INV-7")
    factories.InboundEmailFactory(subject="Hello", received_at=timezone.now() - timedelta(days=1))
    rep = factories.SalesRepFactory()
    terms = factories.PaymentTermFactory()
    tier = factories.PricingTierFactory()

    assert f"{quote.pk}" in offers(console, "customer_quote", "quote_id", "maple")
    page = offers(console, "customer_invoice_dispute", "email_uuid", "inv-7")
    assert mail.pk in page
    assert "Hello" not in page
    assert rep.pk in offers(console, "new_customer", "sales_rep", rep.name[:3])
    assert terms.name in offers(console, "new_customer", "terms", "")
    assert tier.pk in offers(console, "new_customer", "pricing_tier", "")


def test_the_prices_of_a_draft_are_rows_of_fields_and_their_items_are_looked_up(console: Client) -> None:
    customer = factories.CustomerFactory(companyname="Maple Ridge Schools")
    factories.SpecItemFactory(item_code="MILK", description="Whole milk")
    url = reverse("admin:contract_start", args=["quote_draft"])
    typed = {"customer_id": customer.pk, "item_codes": "MILK", "school_year": "2026-27", "key": KEY}
    rows = {"prices.item_code": ["", "Whole milk"], "prices.case_price": ["", "12.50"]}

    assert "Whole milk · MILK" in offers(console, "quote_draft", "item_code", "milk", "prices.item_code")
    console.post(url, {**typed, **rows})

    assert '"case_price"' in WorkflowRun.objects.get().inputs
    assert "12.50" in WorkflowRun.objects.get().inputs
    assert '"MILK"' in WorkflowRun.objects.get().inputs


def test_more_lines_keep_what_was_typed_and_start_nothing(console: Client) -> None:
    url = reverse("admin:contract_start", args=["quote_draft"])
    typed = {"item_codes": ["A", "", "B"], "prices.item_code": ["A"], "prices.case_price": ["x"], "do": "more"}

    page = console.post(url, typed).content.decode()

    assert page.count('name="item_codes"') == 10
    assert page.count('name="prices.case_price"') == 9
    assert 'name="item_codes" value="B"' in page
    assert 'name="prices.case_price" value="x"' in page
    assert WorkflowRun.objects.count() == 0


def test_offers_are_for_those_who_may_start_the_contract(console: Client, sales: Client, viewer: Client) -> None:
    factories.PaymentTermFactory(name="Net 45")

    assert "Net 45" in offers(console, "new_customer", "terms", "net")
    refused = reverse("admin:contract_offers", args=["customer_quote", "customer_id"])
    assert sales.get(refused).status_code == 403
    assert viewer.get(refused).status_code == 403


@pytest.mark.parametrize("name", ["company_name", "made_up", "customer_id"])
def test_nothing_is_offered_for_what_is_no_input_or_is_free(console: Client, name: str) -> None:
    assert console.get(reverse("admin:contract_offers", args=["new_customer", name])).status_code == 404


def test_the_form_costs_the_same_however_many_rows_there_are(console: Client) -> None:
    url = reverse("admin:contract_start", args=["customer_quote"])
    few = _queries(console, url)
    for _number in range(20):
        factories.CustomerFactory()

    assert _queries(console, url) == few


def _queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        client.get(url)
    return len(found)

"""customer_quote and the quote_draft that leads to it: what they check and what they would do."""

from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.planning import Read, read_contract
from workflows_app.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Customer:
    factories.PricingTierFactory()
    found: Customer = factories.CustomerFactory()
    factories.CustomerProfileFactory(customer_id=found.id)
    for code, price in (("A", "20.00"), ("B", "30.00")):
        factories.SpecItemFactory(item_code=code, list_price=Decimal(price), ns_id=f"9{code}")
        factories.ItemCostFactory(item_code=code, cost=Decimal("10.00"))
    return found


def quote(customer: Customer, *codes: str, **inputs: Any) -> Read:
    given = {"customer_id": customer.id, "item_codes": list(codes or "AB"), "school_year": factories.YEAR}
    return read_contract("customer_quote.v2", {**given, **inputs})


def test_a_plain_quote_passes_every_check(customer: Customer) -> None:
    assert all(quote(customer).checks.values())


def test_a_customer_on_hold_gets_no_quote(customer: Customer) -> None:
    Customer.objects.update(entitystatus="hold")

    assert not quote(customer).checks["customer_not_on_hold"]


def test_an_unknown_item_warns_and_is_left_out(customer: Customer) -> None:
    found = quote(customer, "A", "NOPE")

    assert not found.checks["items_resolved"]
    assert found.checks["items_priced"]
    assert [line["item_code"] for line in found.context["line"]] == ["A"]


@pytest.mark.parametrize("code", ["NOPE", "C"])
def test_without_a_price_there_is_no_quote(customer: Customer, code: str) -> None:
    factories.SpecItemFactory(item_code="C", unpriceable=True)

    assert not quote(customer, code).checks["items_priced"]


def test_a_margin_below_the_floor_is_a_warning(customer: Customer) -> None:
    factories.PricingMasterFactory(customer_id=customer.id, item_code="A", case_price=Decimal("11.00"))

    assert not quote(customer).checks["margin_floor"]


def test_the_quote_and_all_its_lines_are_written_together(customer: Customer) -> None:
    inserted, pdf, *lines = quote(customer).effects("write_quote")

    assert (inserted["values"]["total"], inserted["values"]["lifecycle_status"]) == ("50.00", "proposed")
    assert inserted["values"]["valid_until"] == "2026-10-14"
    assert pdf["set"] == {"pdf_key": f"quotes/{inserted['id']}.pdf"}
    assert [(line["values"]["item_code"], line["values"]["case_price"]) for line in lines] == [
        ("A", "20.00"),
        ("B", "30.00"),
    ]
    assert {line["values"]["quote_id"] for line in lines} == {inserted["id"]}


def test_a_proposed_price_that_is_used_is_promoted(customer: Customer) -> None:
    proposed = factories.ProposedPricingFactory(customer_id=customer.id, item_code="A", case_price=Decimal("19.00"))
    unused = factories.ProposedPricingFactory(customer_id=customer.id, item_code="Z")

    effects = quote(customer).effects("write_quote")
    master = next(effect for effect in effects if effect["table"] == "pricing_master")

    assert (master["match"]["item_code"], master["set"]["case_price"], master["was"]) == ("A", "19.00", None)
    assert (master["set"]["cost_basis"], master["set"]["margin_pct"]) == ("10.00", "47.37")
    assert [effect["id"] for effect in effects if effect["table"] == "proposed_pricing"] == [proposed.id]
    assert unused.id not in {effect["id"] for effect in effects}


def test_a_given_quote_is_revised_and_its_earlier_lines_stay(customer: Customer) -> None:
    there = factories.QuoteFactory(customer_id=customer.id, sent=True, revision=2, catalog="Fall")

    found = quote(customer, quote_id=there.id, include_pdf=False)
    updated, *lines = found.effects("write_quote")
    (push,) = found.effects("ns_push")

    assert (updated["kind"], updated["set"]["revision"], updated["was"]["revision"]) == ("row.update", 3, 2)
    assert (updated["set"]["catalog"], updated["set"]["lifecycle_status"]) == ("Fall", "proposed")
    assert {line["values"]["revision"] for line in lines} == {3}
    assert push["external_id"] == there.id


@pytest.mark.parametrize("changes", [{"customer_id": "another"}, {"lifecycle_status": "accepted"}])
def test_the_quote_of_another_customer_or_an_accepted_one_is_not_revised(
    customer: Customer, changes: dict[str, str]
) -> None:
    there = factories.QuoteFactory(**{"customer_id": customer.id, **changes})

    assert not quote(customer, quote_id=there.id).checks["quote_revisable"]
    assert not quote(customer, quote_id="nowhere").checks["quote_revisable"]


def test_the_pdf_says_nothing_about_costs(customer: Customer) -> None:
    (request,) = quote(customer).effects("render_pdf")

    assert set(request["body"]["lines"][0]) == {
        "line", "item_code", "description", "pack_size", "quantity", "case_price"
    }  # fmt: skip
    assert request["produces"] == f"quotes/{request['body']['number']}.pdf"


def test_without_pdf_nothing_is_rendered_or_attached(customer: Customer) -> None:
    found = quote(customer, include_pdf=False)
    (draft,) = found.effects("send_email")

    assert found.skipped("render_pdf")
    assert draft["on_approve"][0]["attachments"] == []
    assert [effect["table"] for effect in found.effects("write_quote")] == ["quotes", "quote_lines", "quote_lines"]


def test_the_letter_attaches_the_pdf_and_is_about_the_quote(customer: Customer) -> None:
    found = quote(customer)
    (draft,) = found.effects("send_email")
    (letter,) = draft["on_approve"]

    assert (draft["action_type"], letter["to"]) == ("quote_email", customer.email)
    assert letter["attachments"][0]["sha256"] == {"placeholder": "artifact_sha256", "of": "render_pdf"}
    assert letter["related_quote_id"] == found.effects("write_quote")[0]["id"]


def test_the_estimate_has_every_line_and_names_its_customer(customer: Customer) -> None:
    (push,) = quote(customer).effects("ns_push")

    assert push["record"]["entity"] == {"id": {"placeholder": "ns_id", "of": customer.id}}
    assert push["record"]["tranDate"] == "2026-09-14"
    assert [(line["line"], line["item"]["id"], line["rate"]) for line in push["record"]["item"]["items"]] == [
        (1, "9A", "20.00"),
        (2, "9B", "30.00"),
    ]


def test_the_profile_is_touched(customer: Customer) -> None:
    (touch,) = quote(customer).effects("ar_forecast_touch")

    assert (touch["id"], touch["set"]) == (customer.id, {"last_quote_event": {"placeholder": "now"}})


def test_a_draft_writes_given_prices_down_and_carries_the_inputs_of_the_quote(customer: Customer) -> None:
    inputs = {
        "customer_id": customer.id,
        "item_codes": ["A", "B"],
        "school_year": factories.YEAR,
        "prices": [{"item_code": "A", "case_price": "18.5"}],
    }

    found = read_contract("quote_draft.v1", inputs)
    (draft,) = found.effects("stage_draft")

    assert all(found.checks.values())
    assert draft["action_type"] == "quote_draft"
    assert [effect["values"]["case_price"] for effect in draft["on_approve"]] == ["18.50"]
    assert read_contract("customer_quote.v2", draft["payload"]).checks["customer_exists"]


def test_a_price_of_an_item_that_is_not_quoted_stops_the_draft(customer: Customer) -> None:
    inputs = {"customer_id": customer.id, "item_codes": ["A"], "school_year": factories.YEAR}

    found = read_contract("quote_draft.v1", {**inputs, "prices": [{"item_code": "B", "case_price": "18.5"}]})

    assert not found.checks["prices_are_of_items"]

"""new_customer: what it checks and what it would do."""

import json
from typing import Any

import pytest

from tests import factories
from tests.planning import Read, read_contract

pytestmark = pytest.mark.django_db

INPUTS = {"company_name": "Lee", "contact_email": "lee@example.org", "billing_address": "1 Main St"}


def read(**inputs: Any) -> Read:
    factories.PaymentTermFactory(days=30)
    factories.PricingTierFactory()
    return read_contract("new_customer.v2", {**INPUTS, **inputs})


@pytest.mark.parametrize("name", ["Lee", "LEE", "  lee ", "lEE"])
def test_a_customer_who_is_there_is_a_duplicate(name: str) -> None:
    factories.CustomerFactory(companyname="Lee")

    assert not read(company_name=name).checks["no_duplicate"]


def test_an_odd_name_is_found_in_another_case_and_with_blanks() -> None:
    factories.CustomerFactory(companyname="O'Brien & Söhne 100%")

    assert not read(company_name="  o'brien &  SÖHNE 100% ").checks["no_duplicate"]


@pytest.mark.parametrize(("there", "new"), [("1000 Juice Co", "100% Juice Co"), ("A1B", "A_B"), ("100% Juice", "1000")])
def test_a_wildcard_in_a_name_matches_itself_only(there: str, new: str) -> None:
    factories.CustomerFactory(companyname=there)

    checks = read(company_name=new).checks

    assert checks["no_duplicate"]
    assert checks["similar_name"]


def test_the_address_of_another_customer_is_a_duplicate() -> None:
    factories.CustomerFactory(email="LEE@example.org")

    assert not read().checks["no_duplicate"]


def test_a_name_within_another_one_is_a_warning() -> None:
    factories.CustomerFactory(companyname="Leeds Schools")

    checks = read().checks

    assert checks["no_duplicate"]
    assert not checks["similar_name"]


def test_an_address_without_at_sign_is_a_warning_and_gets_no_letter() -> None:
    found = read(contact_email="lee at example.org")

    assert not found.checks["valid_email"]
    assert "is not an email address" in found.skipped("welcome_email")


def test_what_is_not_known_is_a_warning() -> None:
    found = read(terms="Net 99", sales_rep="Nobody", pricing_tier="gold")

    assert [found.checks[name] for name in ("terms_known", "sales_rep_known", "pricing_tier_known")] == [False] * 3


def test_the_customer_and_its_profile_are_written_as_a_prospect() -> None:
    customer, profile = read().effects("write_d1")

    assert (customer["values"]["entitystatus"], customer["values"]["credit_limit"]) == ("prospect", "0.00")
    assert (customer["values"]["shipping_address"], customer["values"]["pricing_tier"]) == ("1 Main St", "standard")
    assert profile["id"] == customer["id"]
    assert profile["values"]["terms_id"] == customer["values"]["terms_id"] is not None


def test_the_profile_has_the_first_quote_bundle_of_its_tier() -> None:
    factories.PricingTierFactory(tier="school", discount_pct="8.00")
    buyer, other = factories.CustomerFactory(school=True), factories.CustomerFactory()
    for customer, code, cases in ((buyer, "A", 5), (buyer, "B", 9), (other, "C", 99)):
        item = factories.SpecItemFactory(item_code=code)
        order = factories.TransactionFactory(order=True, customer_id=customer.id, trandate=factories.days_ago(20))
        factories.TransactionLineFactory(transaction_id=order.id, item_code=item.item_code, quantity=cases)

    _, profile = read(pricing_tier="School").effects("write_d1")
    bundle = json.loads(profile["values"]["first_quote_context"])

    assert (bundle["tier"], bundle["discount_pct"], bundle["terms"]) == ("school", "8.00", "Net 30")
    assert [item["item_code"] for item in bundle["best_sellers"]] == ["B", "A"]
    assert bundle["best_sellers"][0]["list_price"] == "20.00"


def test_the_customer_is_pushed_with_terms_and_representative() -> None:
    rep = factories.SalesRepFactory(name="Ann Ng")
    terms = factories.PaymentTermFactory(days=45)

    found = read(terms="net 45", sales_rep="ann ng", credit_limit="2,500")
    (push,) = found.effects("write_ns")

    assert push["external_id"] == found.effects("write_d1")[0]["id"]
    assert (push["record"]["terms"], push["record"]["salesRep"]) == ({"id": terms.ns_id}, {"id": rep.ns_id})
    assert push["record"]["creditLimit"] == "2500"
    assert "phone" not in push["record"]


def test_the_default_program_is_that_of_the_tier() -> None:
    (program,) = read().effects("assign_programs")

    assert (program["values"]["type"], program["values"]["name"]) == ("pricing_tier", "standard")


def test_the_welcome_letter_waits_for_its_own_decision() -> None:
    (proposal,) = read().effects("welcome_email")

    assert proposal["action_type"] == "customer_email"
    assert proposal["on_approve"][0]["to"] == "lee@example.org"


def test_planning_twice_gives_the_same_plan() -> None:
    assert read().plan == read().plan

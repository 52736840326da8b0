"""What people may type: read as they mean it, or refused with a sentence."""

import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.planning import released
from workflows_app.runner.inputs import InputError, check_inputs

DRAFT = {"customer_id": "1", "item_codes": ["MILK"], "school_year": "2026-27"}
FORM = {"company_name": "Elm", "contact_email": "a@elm.example.org", "billing_address": "1 Elm Rd"}


def draft(**changes: Any) -> dict[str, Any]:
    return check_inputs(released("quote_draft.v1"), {**DRAFT, **changes})


def form(**changes: Any) -> dict[str, Any]:
    return check_inputs(released("new_customer.v2"), {**FORM, **changes})


def refusal(read: Any, **changes: Any) -> str:
    """The one sentence that refuses these inputs."""
    with pytest.raises(InputError) as refused:
        read(**changes)
    [sentence] = refused.value.errors.values()
    return sentence


# --- prices -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("price", ["17.75", " 17.75 ", Decimal("17.75")])
def test_a_price_is_a_number_from_the_start(price: Any) -> None:
    assert draft(prices=[{"item_code": "MILK", "case_price": price}])["prices"] == [
        {"item_code": "MILK", "case_price": Decimal("17.75")}
    ]


@pytest.mark.parametrize("price", ["-4.00", "0", "0.00", 0, -1, "12.345", "123456789"])
def test_a_price_that_no_quote_can_have_is_refused(price: Any) -> None:
    sentence = refusal(draft, prices=[{"item_code": "MILK", "case_price": price}])

    assert sentence.startswith("entry 1: case_price must be an amount above 0, with at most two decimals")


@pytest.mark.parametrize("price", ["free", "12,50", "1e3", "1_000", "１２", "NaN", True, [1]])
def test_a_price_that_is_no_number_is_refused(price: Any) -> None:
    assert "case_price takes a number" in refusal(draft, prices=[{"item_code": "MILK", "case_price": price}])


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"item_code": "MILK"}, "entry 2: case_price is required"),
        ({"case_price": "1.00"}, "entry 2: item_code is required"),
        ({"item_code": "MILK", "case_price": None}, "entry 2: case_price is required"),
        (
            {"item_code": "MILK", "case_price": "1", "prise": "2"},
            "prise is not known here, only: case_price, item_code",
        ),
    ],
)
def test_an_entry_that_is_not_whole_is_refused_by_its_number(entry: dict[str, Any], words: str) -> None:
    assert words in refusal(draft, prices=[{"item_code": "RICE", "case_price": "2.00"}, entry])


# --- texts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        unicodedata.normalize("NFD", "Söhne & Co"),
        "Söhne\u200b & Co",
        "\ufeffSöhne & Co\u2060",
        "S\u00adöhne &\u00a0Co",
        "\u202eSöhne &\t\n Co ",
    ],
)
def test_a_name_is_what_is_seen_of_it(typed: str) -> None:
    assert form(company_name=typed)["company_name"] == "Söhne & Co"


@given(st.text())
def test_a_tidied_text_stays_as_it_is(typed: str) -> None:
    try:
        once = form(company_name=typed, contact_phone=typed)["company_name"]
    except InputError:
        return

    assert form(company_name=once)["company_name"] == once


def test_a_text_in_which_nothing_is_visible_is_none() -> None:
    assert refusal(form, company_name="\u200b") == "is required."
    assert form(contact_phone="\u200b\u2060 ")["contact_phone"] is None


# --- amounts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("1,234.50", "1234.50"), ("2,500", "2500"), ("1,234,567", "1234567"), ("0", "0"), ("1250.5", "1250.5")],
)
def test_a_comma_parts_thousands(typed: str, amount: str) -> None:
    assert form(credit_limit=typed)["credit_limit"] == Decimal(amount)


@pytest.mark.parametrize("typed", ["12,50", "1,2345", ",5", "1,23,456", "1234,567", "1.234,50", "1,", "1,000,5"])
def test_a_comma_anywhere_else_is_refused(typed: str) -> None:
    assert "a comma only parts thousands" in refusal(form, credit_limit=typed)


@given(st.decimals(0, 10**8 - 1, places=2))
def test_an_amount_means_the_same_with_and_without_commas(amount: Decimal) -> None:
    assert form(credit_limit=f"{amount:,}")["credit_limit"] == form(credit_limit=str(amount))["credit_limit"] == amount


@pytest.mark.parametrize("typed", ["-1", "-0.01", "10.001", "100000000"])
def test_a_credit_limit_is_an_amount(typed: str) -> None:
    assert refusal(form, credit_limit=typed).startswith("must be an amount of 0 or more")


# --- school years -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", ["2026-27", "2031-32", "2099-00", "2009-10"])
def test_a_school_year_goes_over_new_year(year: str) -> None:
    assert draft(school_year=year)["school_year"] == year


@pytest.mark.parametrize(
    "year", ["2026-99", "2026-26", "2026-28", "2026-2027", "2026", "26-27", "２０26-27", "2026–27"]
)
@pytest.mark.parametrize("contract", ["quote_draft.v1", "customer_quote.v2"])
def test_any_other_school_year_is_refused(contract: str, year: str) -> None:
    with pytest.raises(InputError, match="school_year: must be a school year such as 2026-27"):
        check_inputs(released(contract), {**DRAFT, "school_year": year})

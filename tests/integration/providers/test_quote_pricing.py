"""Where a price comes from, on both databases."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    LAST_YEAR,
    NOW,
    YEAR,
    CustomerFactory,
    ItemCostFactory,
    PricingMasterFactory,
    PricingTierFactory,
    ProposedPricingFactory,
    SpecItemFactory,
    days_ago,
    moment,
)
from workflows_app.providers.base import EditError
from workflows_app.providers.registry import PROVIDERS
from workflows_app.reading.scope import Scope

pytestmark = pytest.mark.django_db
SCOPE = Scope(now=NOW)


@pytest.fixture
def customer():
    PricingTierFactory(tier="school", discount_pct=Decimal("8.00"))
    return CustomerFactory(school=True)


@pytest.fixture
def item():
    return SpecItemFactory(item_code="RICE", list_price=Decimal("21.35"))


def _price(customer, *codes, edits=(), quote_id=None, year=YEAR):
    params = {"customer_id": customer.id, "item_codes": list(codes), "school_year": year, "quote_id": quote_id}
    return PROVIDERS["quote_pricing"].load(SCOPE, params, list(edits))


def _edit(value, field="case_price", code="RICE"):
    return {"item": f"line:{code}", "field": field, "value": value}


def test_without_a_price_of_its_own_a_customer_pays_list_less_the_discount_of_its_tier(customer, item):
    (line,) = _price(customer, "RICE")

    assert (line["case_price"], line["price_source"]) == (Decimal("19.64"), "list")
    assert line["list_price"] == Decimal("21.35")


def test_a_customer_of_an_unknown_tier_pays_list(item):
    (line,) = _price(CustomerFactory(pricing_tier="gone"), "RICE")

    assert line["case_price"] == Decimal("21.35")


def test_the_price_of_the_school_year_comes_before_the_list(customer, item):
    PricingMasterFactory(customer_id=customer.id, item_code="RICE", case_price=Decimal("18.20"))
    PricingMasterFactory(customer_id=customer.id, item_code="RICE", last_year=True, case_price=Decimal("17.00"))
    PricingMasterFactory(customer_id="other", item_code="RICE", case_price=Decimal("11.00"))

    assert [_price(customer, "RICE", year=year)[0]["case_price"] for year in (YEAR, LAST_YEAR, "2024-25")] == [
        Decimal("18.20"),
        Decimal("17.00"),
        Decimal("19.64"),
    ]


def test_an_approved_remedy_comes_before_the_price_in_force(customer, item):
    PricingMasterFactory(customer_id=customer.id, item_code="RICE", case_price=Decimal("18.20"))
    remedy = ProposedPricingFactory(customer_id=customer.id, item_code="RICE", case_price=Decimal("19.90"))

    (line,) = _price(customer, "RICE", quote_id="q-1")

    assert (line["case_price"], line["price_source"], line["proposed_id"]) == (Decimal("19.90"), "remedy", remedy.id)


@pytest.mark.parametrize("ids", [("p1", "p2", "p3"), ("p3", "p2", "p1"), ("p2", "p3", "p1")])
def test_the_remedy_that_was_approved_last_counts_also_within_a_day(customer, item, ids):
    for row_id, price, minutes in zip(ids, ("19.90", "20.10", "19.50"), (2, 1, 3), strict=True):
        ProposedPricingFactory(
            id=row_id,
            customer_id=customer.id,
            item_code="RICE",
            case_price=Decimal(price),
            proposed_at=moment(minutes=minutes),
        )

    assert _price(customer, "RICE")[0]["case_price"] == Decimal("20.10")


def test_the_price_proposed_for_this_quote_comes_first_although_a_remedy_is_newer(customer, item):
    own = {"customer_id": customer.id, "item_code": "RICE", "quote_id": "q-1", "proposed_at": moment(days=9)}
    ProposedPricingFactory(**own, case_price=Decimal("16.00"))
    ProposedPricingFactory(customer_id=customer.id, item_code="RICE", case_price=Decimal("19.90"))

    (line,) = _price(customer, "RICE", quote_id="q-1")

    assert (line["case_price"], line["price_source"]) == (Decimal("16.00"), "proposed")


@pytest.mark.parametrize(
    "row",
    [
        {"quote_id": "q-2"},
        {"status": "promoted"},
        {"status": "dropped"},
        {"school_year": LAST_YEAR},
        {"customer_id": "other"},
    ],
)
def test_a_proposed_price_of_another_place_does_not_count(customer, item, row):
    ProposedPricingFactory(**{"customer_id": customer.id, "item_code": "RICE"} | row)

    (line,) = _price(customer, "RICE", quote_id="q-1")

    assert (line["price_source"], line["proposed_id"]) == ("list", None)


def test_the_newest_cost_that_is_in_force_is_the_basis_of_the_margin(customer, item):
    ItemCostFactory(item_code="RICE", cost=Decimal("12.00"), effective_date=days_ago(200))
    ItemCostFactory(item_code="RICE", cost=Decimal("15.71"), effective_date=days_ago(0))
    ItemCostFactory(item_code="RICE", cost=Decimal("99.00"), effective_date=days_ago(-1))

    (line,) = _price(customer, "RICE")

    assert line["cost_basis"] == Decimal("15.71")
    assert line["margin_pct"] == Decimal("20.01")


def test_without_a_cost_there_is_no_margin(customer, item):
    (line,) = _price(customer, "RICE")

    assert (line["cost_basis"], line["margin_pct"]) == (None, None)


def test_an_item_that_nothing_prices_has_no_price(customer):
    SpecItemFactory(item_code="GOLD", unpriceable=True)

    (line,) = _price(customer, "GOLD")

    assert (line["case_price"], line["margin_pct"], line["price_source"]) == (None, None, "none")


def test_unknown_codes_are_left_out_and_doubled_ones_counted_once(customer, item):
    SpecItemFactory(item_code="BEANS")

    lines = _price(customer, "RICE", "NOPE", "BEANS", "RICE")

    assert [(line["line"], line["item_code"], line["quantity"]) for line in lines] == [(1, "BEANS", 1), (2, "RICE", 1)]


def test_no_codes_are_no_lines(customer):
    assert _price(customer) == []


def test_lines_are_in_the_order_of_code_points(customer):
    for code in ("b-1", "A-1", "Ä-1", "a-1", "A_1"):
        SpecItemFactory(item_code=code)

    lines = _price(customer, "Ä-1", "a-1", "A-1", "b-1", "A_1")

    assert [line["item_code"] for line in lines] == ["A-1", "A_1", "a-1", "b-1", "Ä-1"]


def test_an_inactive_item_is_priced_and_marked(customer):
    SpecItemFactory(item_code="OLD", inactive=True)

    (line,) = _price(customer, "OLD")

    assert (line["active"], line["price_source"]) == (False, "list")


def test_an_edit_replaces_the_price_and_the_margin_follows(customer, item):
    ItemCostFactory(item_code="RICE", cost=Decimal("10.00"))

    (line,) = _price(customer, "RICE", edits=[_edit("99.00"), _edit("12.5")])

    assert (line["case_price"], line["price_source"]) == (Decimal("12.50"), "edit")
    assert line["margin_pct"] == Decimal("20.00")


def test_an_edit_of_a_line_that_is_gone_changes_nothing(customer, item):
    assert _price(customer, "RICE", edits=[_edit("12.50", code="GONE")])[0]["price_source"] == "list"


@pytest.mark.parametrize(
    "value", ["", "abc", "0", "0.00", "-1", "NaN", "Infinity", "12.505", "1e3", "1_000", "１２", "123456789", None]
)
def test_an_edited_price_that_is_none_is_refused_in_a_sentence(customer, item, value):
    with pytest.raises(EditError, match=r"^The price of RICE must be an amount above 0 such as 12\.50, not .*\.$"):
        _price(customer, "RICE", edits=[_edit(value)])


def test_nothing_but_the_price_can_be_edited(customer, item):
    with pytest.raises(EditError, match="only case_price can be changed, not cost_basis"):
        _price(customer, "RICE", edits=[_edit("1.00", field="cost_basis")])


def test_the_rows_have_exactly_the_columns_of_the_spec(customer, item):
    (line,) = _price(customer, "RICE")

    assert set(line) == set(PROVIDERS["quote_pricing"].spec.columns)


def test_hundreds_of_items_cost_one_query(customer):
    SpecItemFactory.create_batch(300)
    codes = [f"ITM-{number:05}" for number in range(2000)]

    with CaptureQueriesContext(
        connection,
    ) as queries:
        _price(customer, *codes)

    assert len(queries) == 1


def test_codes_with_quotes_and_percent_signs_are_plain_text(customer):
    SpecItemFactory(item_code="50%_O'B\"")

    assert len(_price(customer, "50%_O'B\"", "%", "50__O'B\"")) == 1

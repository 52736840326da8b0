"""Rows that the same plan has changed before: found by what they will hold, with what they truly hold now."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tests import factories
from tests.planning import plan_step

pytestmark = pytest.mark.django_db


def write(*operations: Mapping[str, Any], **names: Any) -> Any:
    return plan_step({"name": "write", "kind": "d1_write", "operations": operations}, **names)


def hold(customer_id: str) -> dict[str, Any]:
    """Put one customer on hold."""
    return {"update": "customers", "where": {"id": customer_id}, "set": {"entitystatus": "hold"}}


NOW = {"placeholder": "now"}
CALL = {"update": "customers", "where": {"entitystatus": "hold"}, "set": {"phone": "000"}}


def test_an_update_finds_a_row_that_matches_since_an_earlier_one_and_carries_what_it_truly_replaces() -> None:
    customer = factories.CustomerFactory(phone="+1 555 0101", entitystatus="active")
    factories.CustomerFactory(phone="+1 555 0102", entitystatus="active")

    held, called = write(hold(customer.id), CALL)

    assert (held["id"], called["id"]) == (customer.id, customer.id)
    assert (called["set"], called["was"]) == ({"phone": "000"}, {"phone": "+1 555 0101"})


def test_a_row_that_does_not_match_any_more_is_left_alone() -> None:
    customer = factories.CustomerFactory(entitystatus="hold", phone="1")
    freed = {"update": "customers", "where": {"id": customer.id}, "set": {"entitystatus": "active"}}

    assert [effect["set"] for effect in write(freed, CALL)] == [{"entitystatus": "active"}]


def test_later_changes_of_one_row_are_laid_over_earlier_ones() -> None:
    customer = factories.CustomerFactory(entitystatus="active", phone="1", email="a@example.org")
    mail = {"update": "customers", "where": {"phone": "000"}, "set": {"email": "b@example.org", "phone": "2"}}

    *_, last = write(hold(customer.id), CALL, mail)

    assert last["was"] == {"email": "a@example.org", "phone": "000"}


def test_a_row_that_an_upsert_changes_is_not_taken_for_a_new_one() -> None:
    tier = factories.PricingTierFactory(tier="gold", discount_pct=Decimal("5.00"))
    raise_it = {"upsert": "pricing_tiers", "match": {"tier": tier.tier}, "set": {"discount_pct": "7"}}
    all_of_it = {"update": "pricing_tiers", "where": {"discount_pct": "7"}, "set": {"discount_pct": "8"}}

    *_, last = write(raise_it, all_of_it)

    assert (last["id"], last["was"]) == ("gold", {"discount_pct": "7.00"})


@pytest.mark.parametrize("rows", [1, 20])
def test_rows_that_are_born_or_found_are_read_once(
    rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        factories.CustomerFactory(id=f"c{number}", entitystatus="active")
    ids = [f"c{number}" for number in range(rows)]
    new = {
        "insert": "customers",
        "values": {"id": "new", "companyname": "New", "entitystatus": "hold", "created_at": NOW},
    }

    with django_assert_num_queries(3):  # the rows to hold; those on hold, and those that will be
        effects = write(new, {"update": "customers", "where": {"id": ids}, "set": {"entitystatus": "hold"}}, CALL)

    assert len(effects) == 1 + rows + rows + 1

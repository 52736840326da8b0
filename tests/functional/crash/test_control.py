"""The control doubles: what the harness does not find in Countersign, it finds in careless programs (test 2)."""

import time
from pathlib import Path

import pytest

from tests.functional.crash import far_ends, orders, storm
from tests.functional.crash.points import POINTS
from tests.functional.crash.site import Site, site

ORDERS = 5
PATIENCE_SECONDS = 600  # on a machine that is busy with other work; what is careless may never be done
# A carelessness, where processes die, and what must be there twice then.
CASES = [
    ("post-records", "request-answered", "NetSuite records:"),
    ("send-letters-again", "letter-accepted", "letters to "),
    ("do-steps-again", "call-made", "lines:"),
]


@pytest.mark.once
@pytest.mark.parametrize(("carelessness", "place", "twice"), CASES)
def test_a_careless_program_doubles(tmp_path: Path, carelessness: str, place: str, twice: str) -> None:
    with site(tmp_path, customers=2 * ORDERS) as company:
        calm = _orders(company, "calm")
        assert {order.name for order in calm} == _named(far_ends.count(company, calm).lost)
        assert storm.ride_out(company, calm, sabotage=carelessness).left == {}
        assert far_ends.count(company, calm).doubled == []

        stormy = _orders(company, "stormy")
        doubled, began = 0, time.monotonic()
        while doubled < ORDERS and time.monotonic() - began < PATIENCE_SECONDS:
            wave = storm.ride_out(company, stormy, [POINTS[place]], sabotage=carelessness, within=20)
            tally = far_ends.count(company, [*calm, *stormy])
            doubled = sum(twice in fact for fact in tally.doubled)

    assert wave.kills[place] == ORDERS
    assert doubled == ORDERS


def _named(facts: list[str]) -> set[str]:
    return {fact.partition(":")[0] for fact in facts}


def _orders(company: Site, word: str) -> list[orders.Order]:
    return [orders.customer_quote(f"{word}-{number}", company.customers.pop()) for number in range(ORDERS)]

"""A process that is stopped for longer than its lease and then goes on: it comes too late, and writes nothing."""

from pathlib import Path

import pytest

from tests.functional.crash import far_ends, orders, storm
from tests.functional.crash.points import POINTS
from tests.functional.crash.site import site

pytestmark = pytest.mark.once

STOPS = 4
# Outside of transactions: inside of one, a process that is stopped keeps its locks, and nobody can do its work.
PLACES = [
    ["run-claimed", "attempt-committed", "letter-claimed", "push-claimed", "check-claimed"],
    ["in-the-call", "letter-accepted", "before-the-request", "check-executed"],
    ["call-made", "request-sent"],
    ["request-answered"],
]


def test_a_process_that_comes_back_late_changes_nothing(tmp_path: Path) -> None:
    with site(tmp_path, customers=STOPS * len(PLACES)) as company:
        given: list[orders.Order] = []
        for number, names in enumerate(PLACES):
            wanted = [orders.customer_quote(f"{number}-{n}", company.customers.pop()) for n in range(STOPS)]
            given += wanted
            wave = storm.ride_out(company, wanted, [POINTS[name] for name in names], how="SIGSTOP", most=STOPS)

            assert wave.left == {}, company.log("workers")
            assert wave.broken == 0, company.log("workers")
            assert min(wave.kills[name] for name in names) >= STOPS
        tally = far_ends.count(company, given)

    assert tally.lost == []
    assert tally.doubled == []

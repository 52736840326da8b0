"""A process that is stopped for longer than its lease and then goes on: it comes too late, and writes nothing."""

from pathlib import Path

import pytest

from tests.functional.crash import far_ends, orders, storm
from tests.functional.crash.points import POINTS
from tests.functional.crash.site import Site, site

pytestmark = pytest.mark.once

STOPS = 4
# Whoever is late has lost its lease before such a place: then others try.
TRIES = 3
# Outside of transactions: inside of one, a process that is stopped keeps its locks, and nobody can do its work.
PLACES = [
    ["run-claimed", "attempt-committed", "letter-claimed", "push-claimed", "check-claimed"],
    ["in-the-call", "letter-accepted", "before-the-request", "check-executed"],
    ["call-made", "request-sent"],
    ["request-answered"],
]


def test_a_process_that_comes_back_late_changes_nothing(tmp_path: Path) -> None:
    with site(tmp_path, customers=STOPS * len(PLACES) * TRIES) as company:
        given: list[orders.Order] = []
        for names in PLACES:
            missing = names
            for _ in range(TRIES):
                missing = _stop(company, missing, given) if missing else []
            assert missing == [], company.log("workers")
        tally = far_ends.count(company, given)

    assert tally.lost == []
    assert tally.doubled == []


def _stop(company: Site, names: list[str], given: list[orders.Order]) -> list[str]:
    """Let processes stop at these places on the way of new orders; where that was too seldom."""
    wanted = [orders.customer_quote(f"{len(given)}-{n}", company.customers.pop()) for n in range(STOPS)]
    given += wanted
    wave = storm.ride_out(company, wanted, [POINTS[name] for name in names], how="SIGSTOP", most=STOPS)
    assert (wave.left, wave.broken) == ({}, 0), company.log("workers")
    return [name for name in names if wave.kills[name] < STOPS]

"""The real cluster of django-q2 under its keeper, killed at points of its work; people place orders and decide."""

from pathlib import Path

import pytest

from tests.functional.crash import apps, far_ends, orders, storm
from tests.functional.crash.site import site

pytestmark = pytest.mark.once
KILLS = 1  # at each place: with more, a run can be on its way in three clusters that die, which ends it, as it must
PLACES = ["call-made", "letter-accepted", "request-sent"]
ORDERS = 6
PEOPLE = ["place", "decide", "verify", "ring"]  # beside the cluster


def test_a_cluster_that_dies_at_its_work_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with site(tmp_path, customers=ORDERS) as company:
        company.environment |= {
            apps.POINTS: ",".join(PLACES), apps.FOLDER: str(company.marks), apps.MOST: str(KILLS)
        }  # fmt: skip
        company.start("cluster")
        given = [orders.customer_quote(f"quote-{number}", company.customers.pop()) for number in range(ORDERS)]
        wave = storm.ride_out(company, given, parts=PEOPLE)
        tally = far_ends.count(company, given)

    kills = {place: len(list((company.marks / place).glob("*"))) for place in PLACES}
    assert min(kills.values()) >= KILLS, company.log("cluster")
    assert wave.left == {}, company.log("cluster")
    assert tally.lost == []
    assert tally.doubled == []

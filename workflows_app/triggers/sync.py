"""Reading from NetSuite in slices: a task may last minutes, a first reading lasts longer."""

from collections.abc import Mapping
from typing import Final

from approvals.clock import database_now
from workflows_app.netsuite.sync.kinds import CHANGES, FULL, HOT, NIGHTLY
from workflows_app.netsuite.sync.passes import run_pass
from workflows_app.runner.enqueue import ring
from workflows_app.triggers.silence import ended_well

SLICE_SECONDS = 60.0
# The schedules that a pass of each kind stands for.
_SCHEDULES: Final[Mapping[str, tuple[str, ...]]] = {
    HOT: ("sync_receivables",),
    CHANGES: ("sync_changes",),
    NIGHTLY: ("sync_nightly",),
    FULL: ("sync_changes", "sync_nightly"),
}


def work_on(kind: str) -> None:
    """Do a slice of a pass of this kind, and ring again when there is more. Going on twice does no harm."""
    row = run_pass(kind, seconds=SLICE_SECONDS)
    if row is not None and row.status == "running":
        ring("sync", kind)
    looked_at(kind)


def looked_at(kind: str) -> None:
    """Write down that a pass of this kind came to an end, or went on: whether it failed has an alert of its own."""
    for name in _SCHEDULES[kind]:
        ended_well(name, database_now())

"""Reading from NetSuite in slices: a task may last minutes, a first reading lasts longer."""

from workflows_app.netsuite.sync.passes import run_pass
from workflows_app.runner.enqueue import ring

SLICE_SECONDS = 60.0


def work_on(kind: str) -> None:
    """Do a slice of a pass of this kind, and ring again when there is more. Going on twice does no harm."""
    row = run_pass(kind, seconds=SLICE_SECONDS)
    if row is not None and row.status == "running":
        ring("sync", kind)

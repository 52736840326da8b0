"""The start phase: a run of a contract version, once per trigger key."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.canonical import canonical
from approvals.principals import Principal
from workflows_app.contracts.values import freeze
from workflows_app.models import WorkflowContract, WorkflowRun
from workflows_app.runner import transitions


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What started a run: kind of trigger, unique key, who or what did it, and the chain of causes before it.

    `continues`: the run of which this one does the rest; `origin`: the first run of such a chain.
    """

    kind: str
    key: str
    principal: Principal
    source: str = ""
    causes: Sequence[str] = ()
    continues: str = ""
    origin: str = ""

    def as_data(self) -> dict[str, Any]:
        """What a run keeps of it beside kind and key."""
        data = {"principal": str(self.principal), "source": self.source, "causes": list(self.causes)}
        return data | ({"continues": self.continues, "origin": self.origin} if self.continues else {})


def create_run(
    contract: WorkflowContract, inputs: Mapping[str, Any], cause: Cause, now: datetime, *, edits: str = "[]"
) -> tuple[WorkflowRun, bool]:
    """The run for this trigger key, and whether it is new. `inputs` were checked by `check_inputs`."""
    run = new_run(contract, inputs, cause, now, edits=edits)
    if transitions.create(run, reason=f"{cause.kind}: {cause.source or cause.principal}"):
        return run, True
    return WorkflowRun.objects.select_related("contract").get(trigger_key=cause.key), False


def new_run(
    contract: WorkflowContract, inputs: Mapping[str, Any], cause: Cause, now: datetime, *, edits: str = "[]"
) -> WorkflowRun:
    """A run that is not stored: for `create_run`, and for a dry run. `edits`: those made to a run that it continues."""
    return WorkflowRun(
        id=str(uuid.uuid4()),
        contract=contract,
        workflow_type=contract.workflow_type,
        phase="context",
        trigger_kind=cause.kind,
        trigger_key=cause.key,
        trigger=canonical(cause.as_data()),
        inputs=canonical(freeze(inputs)),
        edits=edits,
        queued_at=now,
        started_at=now,
    )

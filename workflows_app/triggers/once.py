"""Started by somebody who may ask twice, as a chat does after a lost answer: one run per key, and per wish."""

from collections.abc import Mapping
from typing import Any, Final

from approvals.canonical import canonical
from approvals.principals import Principal
from workflows_app.contracts.values import freeze
from workflows_app.models import WorkflowContract, WorkflowRun
from workflows_app.runner.inputs import check_inputs
from workflows_app.runner.release import contract_for
from workflows_app.triggers import manual

LONGEST_KEY: Final = 80


class KeyTakenError(Exception):
    """The key belongs to a run that was started with other inputs, which is `run`."""

    def __init__(self, key: str, run: WorkflowRun) -> None:
        super().__init__(f"the key {key!r} was used before, for other inputs")
        self.run = run


def start_once(contract: WorkflowContract, inputs: Mapping[str, Any], *, principal: Principal, key: str) -> WorkflowRun:
    """Start by hand under a key of the caller's own, of at most 80 characters: the same wish again is the same run.

    No key: always a new run. Raises `KeyTakenError`, and what `manual.start` raises.
    """
    wished = canonical(freeze(check_inputs(contract_for(contract), inputs)))
    run = manual.start(contract, inputs, principal=principal, key=f"{principal}:{key}" if key else "")
    if run.inputs != wished:
        raise KeyTakenError(key, run)
    return run

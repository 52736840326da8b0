"""“What changes when this workflow runs”: derived from the steps and from what the runner always does."""

from dataclasses import replace

from workflows_app.contracts.schema import Contract, Step
from workflows_app.steps.base import Change
from workflows_app.steps.registry import KINDS


def what_changes(contract: Contract) -> tuple[Change, ...]:
    """All rows of the table, the runner's own first."""
    steps = [row for number, step in enumerate(contract.fan_out, start=1) for row in _of_step(number, step)]
    return (*_of_runner(contract), *steps)


def _of_step(number: int, step: Step) -> list[Change]:
    source = f"fan-out #{number} ({step.name})"
    return [replace(change, source=change.source or source) for change in KINDS[step.kind].describe(step)]


def _of_runner(contract: Contract) -> tuple[Change, ...]:
    automatic = "runner, always"
    rows = [
        Change(system="Database", resource="workflow_run_log", action="INSERT (run summary)", source=automatic),
        Change(system="Event", resource="workflow.completed, partial or failed", action="record", source=automatic),
    ]
    if contract.reflexion.enabled:
        rows.append(Change(system="Database", resource="reflexion_log", action="INSERT (memory)", source=automatic))
    if contract.verify:
        action = f"INSERT pending × {len(contract.verify)}"
        rows.append(
            Change(system="Database", resource="workflow_verify_results", action=action, source="runner, verify")
        )
    if contract.gated:
        action = "INSERT (the gate’s envelope)"
        rows.append(Change(system="Database", resource="proposed_actions", action=action, source="runner, gate"))
    return tuple(rows)

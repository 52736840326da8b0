"""“What changes when this workflow runs”: derived from the steps, the gate and what the runner always does."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from workflows_app.contracts.schema import Contract, Step, VerifyCheck
from workflows_app.steps.base import Change
from workflows_app.steps.operations import describe_operations
from workflows_app.steps.registry import KINDS

_AUTOMATIC: Final = "runner automatic"


def what_changes(contract: Contract) -> tuple[Change, ...]:
    """All rows of the table: the runner's own, then the steps' in the order in which they run."""
    number = {step.name: position for position, step in enumerate(contract.fan_out, start=1)}
    steps = [row for step in contract.ordered_steps for row in _of_step(number[step.name], step)]
    corrections = [row for check in contract.verify for row in _of_check(check)]
    return (*_of_runner(contract), *steps, *corrections)


def _of_step(number: int, step: Step) -> list[Change]:
    source = f"fan-out #{number} ({step.name})"
    return [replace(change, source=change.source or source) for change in KINDS[step.kind].describe(step)]


def _of_check(check: VerifyCheck) -> list[Change]:
    """What a failed check stages."""
    source = f"verify ({check.name})"
    return [replace(change, source=source) for change in describe_operations(check.on_fail, " (when it fails)")]


def _of_runner(contract: Contract) -> Iterator[Change]:
    """What happens in every run, in the words of the seeds."""
    yield _change("D1", "workflow_runs", "INSERT (the run and its history)")
    if contract.gated:
        yield _change("D1", "proposed_actions", "INSERT (HITL gate envelope)", source="runner HITL gate")
    yield _change("D1", "workflow_steps", f"INSERT × {len(contract.fan_out)} or more, one for each item of a loop")
    yield _change("D1", "workflow_run_log", "INSERT (run summary)")
    if contract.reflexion.enabled:
        yield _change("D1", "reflexion_log", f"INSERT (tags={', '.join(_tags(contract))})")
    yield _change("Event", "workflow.completed (or workflow.partial, workflow.failed)", "fire")
    if contract.verify:
        action = f"INSERT pending × {len(contract.verify)}"
        yield _change("D1", "workflow_verify_results", action, source="runner verify staging")


def _tags(contract: Contract) -> list[str]:
    """The workflow type, and the declared tags."""
    return list(dict.fromkeys([contract.workflow_type, *contract.reflexion.tags]))


def _change(system: str, resource: str, action: str, source: str = _AUTOMATIC) -> Change:
    return Change(system=system, resource=resource, action=action, source=source)

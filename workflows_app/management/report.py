"""A run as a readable report, from its trigger to its verify results."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from django.utils import timezone

from approvals.canonical import parse
from approvals.models import Decision
from workflows_app.models import WorkflowRun
from workflows_app.runner import attempts
from workflows_app.runner.show import run_data

_WIDTH = 110
_MOST = 6


def tell(run: WorkflowRun, write: Callable[[str], object]) -> None:
    """Write the report line by line."""
    for line in lines(run):
        write(line[:_WIDTH])


def lines(run: WorkflowRun, most: int | None = _MOST) -> Iterator[str]:
    """The report's lines, phase by phase; at most `most` of each phase."""
    section = partial(_section, most)
    data = run_data(run)
    yield f"── {run.contract.title} ({data['workflow_type']} v{data['contract_version']}) ".ljust(_WIDTH, "─")
    trigger = data["trigger"]
    yield f"  trigger        {trigger['kind']}: {trigger['source']} by {trigger['principal']}"
    yield from section("inputs", (f"{name} = {value}" for name, value in _plain(data["inputs"]).items()))
    yield from section("read", (f"{name}: {_size(value)}" for name, value in _plain(data["context"]).items()))
    yield from section("checks", (checked(check) for check in data["preconditions"]))
    yield from section("planned", (planned(item) for item in data["plan"]))
    yield from section("decided", _decisions(run))
    yield from section("steps", _steps(run))
    yield from section("verify", (f"{check['name']}: {check['status']} {check['detail']}" for check in data["verify"]))
    yield from section("events", data["events"])
    yield f"  stands at      {data['status']} {run.error}".rstrip()


def _section(most: int | None, title: str, entries: Any) -> Iterator[str]:
    listed = list(entries) or ["–"]
    shown = listed[:most]
    for number, entry in enumerate(shown):
        yield f"  {title if number == 0 else '':<14} {' '.join(str(entry).split())}"
    if len(listed) > len(shown):
        yield f"  {'':<14} … and {len(listed) - len(shown)} more"


def _plain(values: Any) -> Mapping[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, [], "")}


def _size(value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} rows"
    return "one row" if isinstance(value, Mapping) and len(value) > 1 else str(value)


def checked(check: Mapping[str, Any]) -> str:
    """One precondition in a line."""
    result = "pass" if check["passed"] else "fail"
    return f"{check['check']} ({check['severity']}): {result} {check['detail']}".rstrip()


def planned(item: Mapping[str, Any]) -> str:
    """One item of a plan in a line: what it would do, or why nothing."""
    label = f"{item['step']} {item['item']}".strip()
    if item["skipped"]:
        return f"{label}: skipped, {item['skipped']}"
    return f"{label}: {effects(item['effects'])}"


def effects(found: Sequence[Mapping[str, Any]]) -> str:
    """Effects in a line, the first three of them."""
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return ", ".join(_effect(effect) for effect in found[:3]) + more


def _effect(effect: Mapping[str, Any]) -> str:
    what = effect.get("table") or effect.get("action_type") or effect.get("record_type") or effect.get("path", "")
    return f"{effect['kind']} {what}"


def _decisions(run: WorkflowRun) -> Iterator[str]:
    decisions = Decision.objects.filter(proposal__run_id=run.pk).select_related("proposal").order_by("seq")
    for decision in decisions:
        yield f"{decision.principal}: {decision.verdict} {decision.proposal.action_type} “{decision.proposal.title}”"


def _steps(run: WorkflowRun) -> Iterator[str]:
    now, most = timezone.now(), attempts.most_attempts(run.contract)
    for step in run.steps.order_by("position", "item"):
        yield f"{step.step} {step.item}: {attempts.in_words(step, most, now)} {step.error}".replace(" :", ":")


def causes(run: WorkflowRun) -> list[str]:
    """The chain of causes that led to the run."""
    chain: list[str] = parse(run.trigger)["causes"]
    return chain

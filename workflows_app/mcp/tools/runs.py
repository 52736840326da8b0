"""Runs: starting one that waits at its gate, and how one stands."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from approvals.canonical import to_json
from approvals.models import ProposedAction
from workflows_app.mcp.cards import CheckTold, checks
from workflows_app.mcp.effects import listing
from workflows_app.mcp.principal import CHAT
from workflows_app.mcp.told import Count, Id, Key, Listed, Offset, RefusedError, Told, Words, clipped, moment, page_of
from workflows_app.mcp.tools.dry_run import Inputs
from workflows_app.mcp.tools.proposals import ProposalInFull, ProposalTold, listed, show_proposal
from workflows_app.mcp.workflow import active, refuse_paused, way_to_start
from workflows_app.models import WorkflowRun
from workflows_app.models.run import TERMINAL
from workflows_app.presentation.card import read_check
from workflows_app.presentation.values import fields
from workflows_app.presentation.words import counted
from workflows_app.presentation.words import step as step_words
from workflows_app.runner.show import run_data
from workflows_app.triggers.once import start_once

_PAGE: Final = "workflows_app_workflowrun"
_MOST: Final = 40


class RunTold(BaseModel):
    """One run in a list."""

    run_id: str
    workflow_type: str
    status: str
    started_at: str
    ended_at: str
    error: str
    link: str


class Runs(Listed):
    """One page of runs."""

    runs: list[RunTold]

    def lines(self) -> Iterator[str]:
        """One a line."""
        yield f"{counted(len(self.runs), 'run')}." if self.runs else "There are no such runs."
        yield from (f"{row.run_id}: {row.workflow_type}, {row.status}, {row.started_at}" for row in self.runs)
        yield self.hint


class StepTold(BaseModel):
    """A step, or one item of it, and how it came out."""

    step: str
    item: str
    status: str
    attempts: int
    error: str


class VerifyResultTold(BaseModel):
    """A check afterwards and how it came out."""

    name: str
    status: str
    detail: str


class RunInFull(Told):
    """One run. Of steps and proposals the first forty."""

    run: RunTold
    started_by: str
    inputs: dict[str, Any]
    checks: list[CheckTold]
    steps: list[StepTold]
    proposals: list[ProposalTold]
    verify: list[VerifyResultTold]
    more: bool

    def lines(self) -> Iterator[str]:
        """How it stands, phase by phase."""
        yield f"{self.run.workflow_type} {self.run.run_id} is {self.run.status}. {self.run.error}".rstrip()
        yield f"Inputs: {listing(fields(self.inputs))}"
        yield from (f"Check {check.name}: {check.detail}" for check in self.checks if not check.passed)
        for step in self.steps:
            yield f"Step {' '.join(filter(None, [step.step, step.item]))}: {step.status} {step.error}".rstrip()
        yield from (f"Proposal {row.proposal_id} ({row.status}): {row.title}" for row in self.proposals)
        yield from (f"Verify {each.name}: {each.status} {each.detail}".rstrip() for each in self.verify)
        yield "There is more than this; the run's page in the console shows all." if self.more else ""


class Started(Told):
    """A run that was started, and the card it waits for; none when a check blocked it."""

    run: RunTold
    card: ProposalInFull | None

    def lines(self) -> Iterator[str]:
        """What waits for whom."""
        yield f"Run {self.run.run_id} of {self.run.workflow_type} is {self.run.status}. {self.run.error}".rstrip()
        if self.card is None and self.run.status in TERMINAL:
            yield "Nothing waits for a decision, and nothing was done."
        elif self.card is None:
            yield "It is not at its gate yet: ask show_run in a moment."
        else:
            yield "Nothing happens before a person approves this card:"
            yield from self.card.lines()


def start_run(workflow_type: Id, inputs: Inputs, key: Key) -> Started:
    """Start a workflow that has a gate (risk level 3 or more): it is planned, and waits for a person to approve it."""
    row, contract = active(workflow_type)
    way = way_to_start(contract)
    if way != "start_run":
        instead = f"Use {way}." if way else "A person can start it in the console, or with `manage.py start_run`."
        raise RefusedError(
            f"{workflow_type} has risk level {contract.risk_level}: it would act without a gate, so no chat starts it. "
            + instead
        )
    refuse_paused(workflow_type)
    run = start_once(row, inputs, principal=CHAT, key=key)
    return Started(run=_listed(run), card=show_proposal(run.proposal_id) if run.proposal_id else None)


def show_run(run_id: Id) -> RunInFull:
    """Show one run: what started it, its inputs, checks, steps, proposals and verify results."""
    run = WorkflowRun.objects.select_related("contract").filter(pk=run_id).first()
    if run is None:
        raise RefusedError(f"There is no run {run_id!r}. list_runs gives the ids of those there are.")
    data = run_data(run)
    proposals = ProposedAction.objects.filter(run_id=run.pk).order_by("proposed_at", "id")[: _MOST + 1]
    found = [listed(row) for row in proposals]
    return RunInFull(
        run=_listed(run),
        started_by=str(data["trigger"]["principal"]),
        inputs=to_json(data["inputs"]),
        checks=checks([read_check(check) for check in data["preconditions"]]),
        steps=[_step(step) for step in data["steps"][:_MOST]],
        proposals=found[:_MOST],
        verify=[_verify(result) for result in data["verify"]],
        more=len(found) > _MOST or len(data["steps"]) > _MOST,
    )


def list_runs(workflow_type: Words = "", limit: Count = 20, offset: Offset = 0) -> Runs:
    """List runs, newest first, of all workflows or of one."""
    rows = WorkflowRun.objects.defer("context", "plan", "checks", "inputs").order_by("-queued_at", "id")
    rows = rows.filter(workflow_type=workflow_type) if workflow_type else rows
    found = list(rows[offset : offset + limit + 1])
    more = len(found) > limit
    return Runs(
        runs=[_listed(run) for run in found[:limit]],
        more=more,
        hint=f"There are more: ask again with offset {offset + limit}." if more else "",
    )


def _listed(run: WorkflowRun) -> RunTold:
    return RunTold(
        run_id=run.pk,
        workflow_type=run.workflow_type,
        status=run.status,
        started_at=moment(run.queued_at),
        ended_at=moment(run.completed_at),
        error=clipped(run.error),
        link=page_of(_PAGE, run.pk),
    )


def _step(step: Mapping[str, Any]) -> StepTold:
    return StepTold(
        step=step_words(step["name"]),
        item=step["item"],
        status=step["status"],
        attempts=step["attempts"],
        error=clipped(step["error"]),
    )


def _verify(result: Mapping[str, Any]) -> VerifyResultTold:
    return VerifyResultTold(
        name=step_words(result["name"]), status=result["status"], detail=clipped(str(result["detail"]))
    )

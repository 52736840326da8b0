"""The view objects of a run's page: a fixed number of queries, however long the run."""

import json
from dataclasses import dataclass
from typing import Any

from approvals.canonical import parse, to_json
from approvals.models import ProposedAction
from workflows_app.admin.presentation.card import CheckView, StepView, read_check, read_plan
from workflows_app.admin.presentation.values import Field, fields
from workflows_app.contracts.values import thaw
from workflows_app.models import Event, ReflexionLog, RunHistory, RunLog, VerifyResult, WorkflowRun, WorkflowStep


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """Everything that is known about one run, in the order in which it happened."""

    run: WorkflowRun
    trigger: tuple[Field, ...]
    inputs: tuple[Field, ...]
    checks: tuple[CheckView, ...]
    plan: tuple[StepView, ...]
    history: list[RunHistory]
    steps: list[WorkflowStep]
    proposals: list[ProposedAction]
    verify: list[VerifyResult]
    events: list[Event]
    log: RunLog | None
    log_fields: tuple[Field, ...]
    reflexion: ReflexionLog | None
    context: str


def run_page(run: WorkflowRun) -> RunPage:
    """Read the run's story."""
    log = RunLog.objects.filter(run=run).first()
    return RunPage(
        run=run,
        trigger=fields(parse(run.trigger)),
        inputs=fields(_plain(run.inputs)),
        checks=tuple(read_check(check) for check in parse(run.checks)),
        plan=read_plan(parse(run.plan)),
        history=list(RunHistory.objects.filter(run=run).order_by("id")),
        steps=list(WorkflowStep.objects.filter(run=run).order_by("position", "item")),
        proposals=list(ProposedAction.objects.filter(run_id=run.pk).defer("effects").order_by("proposed_at", "id")),
        verify=list(VerifyResult.objects.filter(run=run).order_by("id")),
        events=list(Event.objects.filter(run_id=run.pk).order_by("recorded_at", "id")),
        log=log,
        log_fields=fields(parse(log.summary_json)) if log else (),
        reflexion=ReflexionLog.objects.filter(run=run).first(),
        context=json.dumps(_plain(run.context), indent=2, ensure_ascii=False),
    )


def _plain(text: str) -> Any:
    """Stored values without their type tags."""
    return to_json(thaw(parse(text)))

"""The view objects of a run's page: a fixed number of queries, however long the run."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.canonical import parse, to_json
from approvals.models import ProposedAction
from workflows_app.admin.presentation.card import CheckView, StepView, read_check, read_plan
from workflows_app.admin.presentation.values import Field, fields
from workflows_app.contracts.values import thaw
from workflows_app.models import Event, ReflexionLog, RunHistory, RunLog, VerifyResult, WorkflowRun, WorkflowStep
from workflows_app.models.run import READY, TERMINAL
from workflows_app.runner.attempts import in_words, most_attempts
from workflows_app.runner.reuse import continued
from workflows_app.triggers import rerun


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """A step record, how its attempts stand in words, and what the visitor may do with it."""

    record: WorkflowStep
    standing: str
    can_retry: bool
    can_skip: bool


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """Everything that is known about one run, in the order in which it happened.

    `refusal`: why the visitor may only look; empty for those who may decide. `continues`: the run of which this one
    does the rest; `continued_by`: those that do the rest of this one; `not_continued`: why none can.
    """

    run: WorkflowRun
    trigger: tuple[Field, ...]
    inputs: tuple[Field, ...]
    checks: tuple[CheckView, ...]
    plan: tuple[StepView, ...]
    history: list[RunHistory]
    steps: list[StepRow]
    proposals: list[ProposedAction]
    verify: list[VerifyResult]
    events: list[Event]
    log: RunLog | None
    log_fields: tuple[Field, ...]
    reflexion: ReflexionLog | None
    context: str
    refusal: str
    continues: str
    continued_by: list[WorkflowRun]
    not_continued: str

    @property
    def can_cancel(self) -> bool:
        """Not ended, and the visitor may decide. Whether a worker has it just now is for the service to say."""
        return not self.refusal and self.run.status not in TERMINAL

    @property
    def can_retry(self) -> bool:
        """It waits for a moment to come: of a step's next attempt, or of another pass after one that broke off."""
        return self.can_cancel and self.run.wake_at is not None and self.run.status in READY


def run_page(run: WorkflowRun, refusal: str, now: datetime) -> RunPage:
    """Read the run's story; `refusal` of the visitor."""
    log = RunLog.objects.filter(run=run).first()
    return RunPage(
        run=run,
        trigger=fields(parse(run.trigger)),
        inputs=fields(_plain(run.inputs)),
        checks=tuple(read_check(check) for check in parse(run.checks)),
        plan=read_plan(parse(run.plan)),
        history=list(RunHistory.objects.filter(run=run).order_by("id")),
        steps=_steps(run, refusal, now),
        proposals=list(ProposedAction.objects.filter(run_id=run.pk).defer("effects").order_by("proposed_at", "id")),
        verify=list(VerifyResult.objects.filter(run=run).order_by("id")),
        events=list(Event.objects.filter(run_id=run.pk).order_by("recorded_at", "id")),
        log=log,
        log_fields=fields(parse(log.summary_json)) if log else (),
        reflexion=ReflexionLog.objects.filter(run=run).first(),
        context=json.dumps(_plain(run.context), indent=2, ensure_ascii=False),
        refusal=refusal,
        continues=continued(run),
        continued_by=rerun.reruns(run) if run.status in TERMINAL else [],
        not_continued=rerun.refusal(run),
    )


def _steps(run: WorkflowRun, refusal: str, now: datetime) -> list[StepRow]:
    most = most_attempts(run.contract)
    reused = {(item["step"], item["item"]) for item in parse(run.plan) if "reused" in item}
    decides = not refusal and run.status not in TERMINAL
    return [
        StepRow(
            record=record,
            standing="reused" if (record.step, record.item) in reused else in_words(record, most, now),
            can_retry=decides and record.status == "retrying" and run.status != "held",
            can_skip=decides and record.status in ("pending", "retrying"),
        )
        for record in WorkflowStep.objects.filter(run=run).order_by("position", "item")
    ]


def _plain(text: str) -> Any:
    """Stored values without their type tags."""
    return to_json(thaw(parse(text)))

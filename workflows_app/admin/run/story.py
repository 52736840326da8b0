"""Everything that is stored about one run, read with a fixed number of queries, however long it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from django.db.models import QuerySet

from approvals.canonical import parse
from approvals.models import Decision, ProposedAction
from workflows_app.admin.loaded import contract_or_problem
from workflows_app.admin.run.names import item_names
from workflows_app.contracts.schema import Contract
from workflows_app.effects.data import Plan
from workflows_app.effects.difference import Place
from workflows_app.models import (
    Alert,
    Event,
    OutboundEmail,
    PendingPush,
    ReflexionLog,
    RunHistory,
    RunLog,
    VerifyResult,
    WorkflowRun,
    WorkflowStep,
)
from workflows_app.models.run import TERMINAL
from workflows_app.runner.interventions import is_intervention
from workflows_app.runner.post import broke_off_key
from workflows_app.triggers import rerun

MOST: Final = 500
"""So many rows of each kind are read at most; a run with more says so."""


# Alerts of so many steps, checks and letters are looked for, each by its key.
_FEW: Final = 50


@dataclass(frozen=True, kw_only=True)
class Story:
    """The rows about one run, each kind in the order in which it happened, as they are at `now`.

    `problem`: why the contract does not load any more. `leaf_texts`: the reviewed texts of the proposals that its steps
    staged, by id. `not_continued`: why no other run can do the rest of it.
    """

    run: WorkflowRun
    now: datetime
    contract: Contract | None
    problem: str
    steps: list[WorkflowStep]
    history: list[RunHistory]
    proposals: list[ProposedAction]
    leaf_texts: Mapping[str, str]
    decisions: list[Decision]
    pushes: list[PendingPush]
    letters: list[OutboundEmail]
    verify: list[VerifyResult]
    events: list[Event]
    alerts: list[Alert]
    log: RunLog | None
    reflexion: ReflexionLog | None
    continued_by: list[WorkflowRun]
    not_continued: str

    @property
    def ended(self) -> bool:
        """Whether nothing of the run itself goes on any more."""
        return self.run.status in TERMINAL

    @cached_property
    def plan(self) -> Plan:
        """The planned items; empty before they are planned."""
        found: Plan = parse(self.run.plan)
        return found

    @cached_property
    def names(self) -> Mapping[Place, str]:
        """What the items of loops are about."""
        return item_names(self.plan)

    @property
    def gate(self) -> ProposedAction | None:
        """The proposal that holds the run or released it."""
        return next((one for one in self.proposals if one.pk == self.run.proposal_id), None)

    @property
    def gates(self) -> list[ProposedAction]:
        """Every card that held it, one for each revision of the plan."""
        return [one for one in self.proposals if not one.step]

    @cached_property
    def leaves(self) -> list[ProposedAction]:
        """What its steps proposed."""
        return [one for one in self.proposals if one.step and not is_intervention(one)]

    @cached_property
    def records(self) -> Mapping[Place, WorkflowStep]:
        """The step records by place."""
        return {(record.step, record.item): record for record in self.steps}

    @cached_property
    def decided(self) -> Mapping[str, Decision]:
        """The decision on each proposal that has one."""
        return {one.proposal_id: one for one in self.decisions if one.verdict != "edit"}


def read_story(run: WorkflowRun, now: datetime) -> Story:
    """Read the rows of a run that was read with its contract."""
    loaded = contract_or_problem(run.contract)
    proposals = list(_proposals(run)[:MOST])
    steps = list(WorkflowStep.objects.filter(run=run).order_by("position", "item")[:MOST])
    verify = list(VerifyResult.objects.filter(run=run).order_by("id")[:MOST])
    letters = OutboundEmail.objects.filter(proposed_action__run_id=run.pk).order_by("created_at", "id")
    letters_read = list(letters.defer("body", "attachments")[:MOST])
    return Story(
        run=run,
        now=now,
        contract=loaded if isinstance(loaded, Contract) else None,
        problem=loaded if isinstance(loaded, str) else "",
        steps=steps,
        history=list(RunHistory.objects.filter(run=run).order_by("id")[:MOST]),
        proposals=proposals,
        leaf_texts=_leaf_texts(run),
        decisions=list(Decision.objects.filter(proposal__run_id=run.pk).order_by("seq")[:MOST]),
        pushes=list(PendingPush.objects.filter(proposal__run_id=run.pk).defer("payload", "answer")[:MOST]),
        letters=letters_read,
        verify=verify,
        events=list(Event.objects.filter(run_id=run.pk).order_by("recorded_at", "id")[:MOST]),
        alerts=list(Alert.objects.keyed(*_alert_keys(run, steps, verify, letters_read)).order_by("created_at", "pk")),
        log=RunLog.objects.filter(run=run).first(),
        reflexion=ReflexionLog.objects.filter(run=run).first(),
        continued_by=rerun.reruns(run) if run.status in TERMINAL else [],
        not_continued=rerun.refusal(run),
    )


def _proposals(run: WorkflowRun) -> "QuerySet[ProposedAction]":
    return ProposedAction.objects.filter(run_id=run.pk).defer("effects", "payload").order_by("proposed_at", "id")


def _leaf_texts(run: WorkflowRun) -> dict[str, str]:
    leaves = ProposedAction.objects.filter(run_id=run.pk).exclude(step="").exclude(step__startswith="intervene:")
    return dict(leaves.order_by("proposed_at", "id").values_list("pk", "effects")[:MOST])


def _alert_keys(
    run: WorkflowRun, steps: list[WorkflowStep], verify: list[VerifyResult], letters: list[OutboundEmail]
) -> list[str]:
    """The keys under which trouble with a run is raised; the table has no index on runs."""
    failed = [f"step:{run.pk}/{record.step}/{record.item}" for record in steps if record.status == "failed"]
    own = [f"run:{run.pk}", f"crashed:{run.pk}", broke_off_key(run.pk)]
    checks = [f"verify:{run.pk}:{result.name}" for result in verify]
    lost = [f"email:{letter.pk}" for letter in letters if letter.status in ("uncertain", "failed") or letter.bounced_at]
    return own + failed[:_FEW] + checks[:_FEW] + lost[:_FEW]

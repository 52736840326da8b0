"""What can be run here, and what each of it takes and changes."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from pydantic import BaseModel

from approvals.canonical import canonical
from workflows_app.contracts.problems import ContractErrors
from workflows_app.contracts.schema import Contract, InputSpec, VerifyCheck
from workflows_app.mcp.told import Id, Told, page_of
from workflows_app.mcp.workflow import active, way_to_start
from workflows_app.models import WorkflowContract
from workflows_app.presentation import moments
from workflows_app.presentation.changes import what_changes
from workflows_app.presentation.triggers import trigger_words
from workflows_app.presentation.words import sentence
from workflows_app.runner.release import ReleaseError, contract_for


class WorkflowTold(BaseModel):
    """A workflow in a list. `start_with`: the tool that starts it; empty when none does. `starts`: when it starts."""

    workflow_type: str
    title: str
    description: str
    starts: str
    risk_level: int
    gated: bool
    paused: bool
    start_with: str


class Workflows(Told):
    """All active workflows."""

    workflows: list[WorkflowTold]

    def lines(self) -> Iterator[str]:
        """One a line."""
        yield f"{len(self.workflows)} workflows. explain_workflow tells what one takes and changes."
        for row in self.workflows:
            paused = " Paused." if row.paused else ""
            yield f"{row.workflow_type}: {row.title}. {row.starts}.{paused} {row.description}"


class InputTold(BaseModel):
    """One input. `fields`: what each object of a list, or the object, has."""

    name: str
    type: str
    required: bool
    default: str
    help: str
    fields: "list[InputTold]"


class RuleTold(BaseModel):
    """A check before anything is planned. `block`: unless it holds, nothing happens; `warn`: the card shows it."""

    name: str
    severity: str
    rule: str


class ChangeTold(BaseModel):
    """One thing that changes when it runs."""

    system: str
    resource: str
    action: str
    source: str


class VerifyTold(BaseModel):
    """A check afterwards. `due`: how long after the end; `when_it_fails`: whether a proposal is put up then."""

    name: str
    kind: str
    due: str
    when_it_fails: str


class WorkflowInFull(Told):
    """A workflow, derived from its contract."""

    workflow: WorkflowTold
    version: int
    inputs: list[InputTold]
    checks: list[RuleTold]
    gate: str
    changes: list[ChangeTold]
    verify: list[VerifyTold]
    link: str

    def lines(self) -> Iterator[str]:
        """What a chat needs to start it, then what it does."""
        row = self.workflow
        yield f"{row.title} ({row.workflow_type}, version {self.version}): {row.description}"
        yield f"It starts: {row.starts}. {_how(row)}"
        yield "Inputs:"
        yield from _inputs(self.inputs)
        yield self.gate
        yield "Checks before: " + "; ".join(f"{rule.severity} {rule.name} ({rule.rule})" for rule in self.checks)
        yield "What changes when it runs:"
        yield from (f"- {each.system}, {each.resource}: {each.action} ({each.source})" for each in self.changes)
        yield "Checks afterwards: " + "; ".join(f"{each.name} after {each.due}" for each in self.verify)


def list_workflows() -> Workflows:
    """List the workflows: what each is for, when it starts, and with which tool it can be started from a chat."""
    rows = WorkflowContract.objects.filter(active=True).order_by("workflow_type")
    return Workflows(workflows=[_listed(row) for row in rows])


def explain_workflow(workflow_type: Id) -> WorkflowInFull:
    """Explain one workflow: its trigger, its inputs with help, its checks, its gate, and all that a run changes."""
    row, contract = active(workflow_type)
    return WorkflowInFull(
        workflow=_told(row, contract),
        version=contract.contract_version,
        inputs=[_input(spec) for spec in contract.inputs],
        checks=[
            RuleTold(name=check.check, severity=check.severity, rule=" ".join(check.rule.split()))
            for check in contract.preconditions
        ],
        gate=_gate(contract),
        changes=[
            ChangeTold(system=each.system, resource=each.resource, action=each.action, source=each.source)
            for each in what_changes(contract)
        ],
        verify=[_verify(check) for check in contract.verify],
        link=page_of("workflows_app_workflowcontract", str(row.pk)),
    )


def _listed(row: WorkflowContract) -> WorkflowTold:
    """One that does not load any more is listed all the same."""
    try:
        return _told(row, contract_for(row))
    except (ContractErrors, ReleaseError):
        return WorkflowTold(
            workflow_type=row.workflow_type,
            title=row.title,
            description="It does not load; a person must look at its contract.",
            starts="Not at present",
            risk_level=row.risk_level,
            gated=True,
            paused=row.paused,
            start_with="",
        )


def _told(row: WorkflowContract, contract: Contract) -> WorkflowTold:
    return WorkflowTold(
        workflow_type=row.workflow_type,
        title=contract.title,
        description=" ".join(contract.description.split()),
        starts=trigger_words(contract.trigger),
        risk_level=contract.risk_level,
        gated=contract.gated,
        paused=row.paused,
        start_with=way_to_start(contract),
    )


def _input(spec: InputSpec) -> InputTold:
    return InputTold(
        name=spec.name,
        type=spec.type,
        required=spec.required,
        default="" if spec.default is None else canonical(spec.default),
        help=spec.help,
        fields=[_input(field) for field in spec.fields],
    )


def _inputs(specs: Iterable[InputTold], indent: str = "- ") -> Iterator[str]:
    for spec in specs:
        need = "required" if spec.required else f"default {spec.default}" if spec.default else "optional"
        yield f"{indent}{spec.name} ({spec.type}, {need}): {spec.help}"
        yield from _inputs(spec.fields, f"  {indent}")


def _how(row: WorkflowTold) -> str:
    if not row.start_with:
        return "Not to be started from a chat: it would act without a decision."
    return f"From a chat: {row.start_with}."


def _gate(contract: Contract) -> str:
    if not contract.gated:
        return f"Risk level {contract.risk_level}: it runs without a gate; what it proposes is decided one by one."
    until = moments.span(timedelta(seconds=contract.gate.expires_after))
    return f"Risk level {contract.risk_level}: before anything happens a person approves its card, within {until}."


def _verify(check: VerifyCheck) -> VerifyTold:
    window = "at once" if not check.window else f"{check.window:g} s"
    return VerifyTold(
        name=sentence(check.name),
        kind=check.kind,
        due=window,
        when_it_fails="a corrective proposal is put up" if check.on_fail else "an alert",
    )

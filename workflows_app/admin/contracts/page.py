"""The ten numbered sections of a contract's page, first form (the seeds' page; the picture comes later)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from approvals.canonical import to_json
from workflows_app.admin.contracts.changes import what_changes
from workflows_app.admin.presentation.values import Field, fields
from workflows_app.contracts.schema import ContextEntry, Contract, InputSpec, Precondition
from workflows_app.models import WorkflowContract
from workflows_app.steps.base import Change

AUTOMATIC = (
    ("log_run", "A row in workflow_run_log: status, times, step counts, errors", "always"),
    ("event", "workflow.completed, workflow.partial or workflow.failed in the event ledger", "always"),
)
REMEMBERED = ("reflexion", "A row in reflexion_log: narrative and tags", "because reflexion is enabled")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One named thing of a section: a context entry, a step, a verify check."""

    name: str
    kind: str
    fields: tuple[Field, ...]
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class ContractPage:
    """A contract, section by section. `problem` stands instead of all of them when the stored text does not load."""

    row: WorkflowContract
    contract: Contract | None
    problem: str = ""
    trigger: tuple[Field, ...] = ()
    inputs: tuple[InputSpec, ...] = ()
    context: tuple[Part, ...] = ()
    preconditions: tuple[Precondition, ...] = ()
    steps: tuple[Part, ...] = ()
    post: tuple[tuple[str, str, str], ...] = ()
    verify: tuple[Part, ...] = ()
    retry: tuple[Field, ...] = ()
    changes: tuple[Change, ...] = ()
    refusal: str = ""


def contract_page(row: WorkflowContract, contract: Contract, refusal: str) -> ContractPage:
    """The page of a released contract. `refusal`: why the visitor cannot start it, or nothing."""
    return ContractPage(
        row=row,
        contract=contract,
        trigger=fields(_options(contract.trigger)),
        inputs=contract.inputs,
        context=tuple(_part(entry, kind=_source(entry), code="sql") for entry in contract.context),
        preconditions=contract.preconditions,
        steps=tuple(_part(step, kind=step.kind) for step in contract.fan_out),
        post=_post(contract),
        verify=tuple(_part(check, kind=check.kind, code="sql") for check in contract.verify),
        retry=fields(_options(contract.retry, all_of_them=True)),
        changes=what_changes(contract),
        refusal=refusal,
    )


def _source(entry: ContextEntry) -> str:
    return "provider" if entry.provider else "query"


def _part(model: Any, *, kind: str, code: str = "") -> Part:
    options = _options(model)
    text = str(options.pop(code, "") or "")
    for name in ("name", "kind"):
        options.pop(name, None)
    return Part(name=model.name, kind=kind, fields=fields(options), code=text.strip())


def _options(model: BaseModel, *, all_of_them: bool = False) -> dict[str, Any]:
    """What the YAML says of this part, in its own words; defaults only on request."""
    data: Mapping[str, Any] = model.model_dump(mode="json", by_alias=True, exclude_defaults=not all_of_them)
    return dict(to_json(data))


def _post(contract: Contract) -> tuple[tuple[str, str, str], ...]:
    declared = tuple((action.id, action.action, "declared in the contract") for action in contract.post_actions)
    automatic = (*AUTOMATIC, REMEMBERED) if contract.reflexion.enabled else AUTOMATIC
    return (*((name, action, f"the runner, {when}") for name, action, when in automatic), *declared)

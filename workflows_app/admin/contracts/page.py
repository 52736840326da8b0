"""The page of a contract: its picture, the ten numbered sections of the seeds, its versions, and how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel

from approvals.canonical import to_json
from workflows_app.admin.contracts.standing import Due, LastRuns, coming, last_runs
from workflows_app.admin.contracts.versions import Difference, difference, versions
from workflows_app.admin.picture import Picture, picture
from workflows_app.contracts.schema import Contract, InputSpec, Precondition
from workflows_app.models import WorkflowContract
from workflows_app.presentation.changes import what_changes
from workflows_app.presentation.triggers import trigger_words
from workflows_app.presentation.values import Field, fields
from workflows_app.steps.base import Change

_ALWAYS: Final = "runner automatic (always)"
_LOG_RUN: Final = "INSERT into workflow_run_log (run_id, workflow_type, status, started_at, completed_at, summary_json)"
_EVENT: Final = "workflow.completed, workflow.partial or workflow.failed into the event ledger, once per run"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One named thing of a section: a context entry, a step, a verify check. `anchor`: its id on the page."""

    name: str
    anchor: str
    kind: str
    fields: tuple[Field, ...]
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class PostRow:
    """One row of the post actions."""

    id: str
    anchor: str
    action: str
    source: str


@dataclass(frozen=True, kw_only=True)
class ContractPage:
    """A contract, section by section. `problem` stands instead of all of them when the stored text does not load.

    `refusal`: why the visitor cannot start it by hand; empty when they can.
    """

    row: WorkflowContract
    contract: Contract | None
    versions: list[WorkflowContract]
    runs: LastRuns
    refusal: str
    difference: Difference | None = None
    problem: str = ""
    picture: Picture | None = None
    starts: str = ""
    due: tuple[Due, ...] = ()
    trigger: tuple[Field, ...] = ()
    inputs: tuple[InputSpec, ...] = ()
    context: tuple[Part, ...] = ()
    preconditions: tuple[Precondition, ...] = ()
    steps: tuple[Part, ...] = ()
    post: tuple[PostRow, ...] = ()
    verify: tuple[Part, ...] = ()
    retry: tuple[Field, ...] = ()
    changes: tuple[Change, ...] = ()


def contract_page(
    row: WorkflowContract, contract: Contract | str, refusal: str, now: datetime, *, against: str = ""
) -> ContractPage:
    """The page of a released version; `contract` is the reason when it does not load. `against`: another version."""
    said = _sections(contract) if isinstance(contract, Contract) else {"problem": contract}
    return ContractPage(
        row=row,
        contract=contract if isinstance(contract, Contract) else None,
        versions=versions(row),
        runs=last_runs(row.workflow_type),
        refusal=refusal,
        difference=difference(row, against),
        due=coming(contract, now) if isinstance(contract, Contract) and row.active else (),
        **said,
    )


def _sections(contract: Contract) -> dict[str, Any]:
    """What the YAML says, section by section."""
    return {
        "picture": picture(contract),
        "starts": trigger_words(contract.trigger),
        "trigger": fields(_options(contract.trigger)),
        "inputs": contract.inputs,
        "context": tuple(
            _part("context", entry, kind="provider" if entry.provider else "query", code="sql")
            for entry in contract.context
        ),
        "preconditions": contract.preconditions,
        "steps": tuple(_part("step", step, kind=step.kind) for step in contract.fan_out),
        "post": tuple(_post(contract)),
        "verify": tuple(_part("verify", check, kind=check.kind, code="sql") for check in contract.verify),
        "retry": fields(_options(contract.retry, all_of_them=True)),
        "changes": what_changes(contract),
    }


def _part(section: str, model: Any, *, kind: str, code: str = "") -> Part:
    options = _options(model)
    text = str(options.pop(code, "") or "")
    for name in ("name", "kind"):
        options.pop(name, None)
    anchor = f"{section}-{model.name}"
    return Part(name=model.name, anchor=anchor, kind=kind, fields=fields(options), code=text.strip())


def _options(model: BaseModel, *, all_of_them: bool = False) -> dict[str, Any]:
    """What the YAML says of this part, in its own words; defaults only on request."""
    data: Mapping[str, Any] = model.model_dump(mode="json", by_alias=True, exclude_defaults=not all_of_them)
    return dict(to_json(data))


def _post(contract: Contract) -> list[PostRow]:
    """What the runner does by itself, then what the contract declares; a box of the picture leads to the first."""
    rows = [("log_run", "runner_log_run", _LOG_RUN, _ALWAYS)]
    if contract.reflexion.enabled:
        action = f"INSERT into reflexion_log (tags={contract.workflow_type}, run_id, narrative)"
        rows.append(("reflexion", "runner_reflexion", action, "runner automatic (reflexion enabled)"))
    rows.append(("event", "runner_event", _EVENT, _ALWAYS))
    rows += [(action.id, action.id, action.action, "declared in contract") for action in contract.post_actions]
    first = {key: number for number, (key, *_) in reversed(list(enumerate(rows)))}
    return [
        PostRow(id=name, anchor=f"post-{key}" if first[key] == number else "", action=action, source=source)
        for number, (key, name, action, source) in enumerate(rows)
    ]

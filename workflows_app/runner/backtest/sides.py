"""One stored run planned by one version of its contract, in today's data; nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from django.db import DatabaseError, transaction

from approvals.canonical import canonical, parse
from workflows_app.contracts.schema import Contract
from workflows_app.contracts.values import freeze, thaw
from workflows_app.effects.data import Plan
from workflows_app.models import Event, WorkflowContract, WorkflowRun
from workflows_app.runner import gate
from workflows_app.runner.context import load_context
from workflows_app.runner.drafts import drafts_of
from workflows_app.runner.inputs import InputError, check_inputs
from workflows_app.runner.own_rows import softened
from workflows_app.runner.plan import make_plan
from workflows_app.runner.preconditions import CheckResult, blocking, check_preconditions, in_words
from workflows_app.runner.reading import Reading, base_scope
from workflows_app.runner.recheck import READING_ERRORS
from workflows_app.runner.reuse import Inserted, Reuse, inserted_by

Ending = Literal["planned", "blocked", "not planned"]
_ERRORS = (*READING_ERRORS, InputError, DatabaseError, ValueError)


@dataclass(frozen=True, kw_only=True)
class Version:
    """A version of a contract, stored or not."""

    row: WorkflowContract
    contract: Contract


@dataclass(frozen=True, kw_only=True)
class Side:
    """How one version plans one run: its checks, its plan, and the card of its gate (empty without one).

    `problem`: why there is no plan: a check that blocks, or an error.
    """

    ending: Ending
    checks: list[CheckResult] = field(default_factory=list)
    plan: Plan = field(default_factory=list)
    card: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


def side(stored: WorkflowRun, version: Version, inputs: Mapping[str, Any] | InputError, now: datetime) -> Side:
    """Plan a run by a version. Queries see the moment `now`; dates in letters are those of the run's start.

    What the run itself inserted blocks nothing, as when a run is continued: a customer is no duplicate of itself.
    """
    try:
        if isinstance(inputs, InputError):
            raise inputs
        with transaction.atomic():
            return _side(_as_run(stored, version, inputs), version.contract, inserted_by(stored), now)
    except _ERRORS as error:
        return Side(ending="not planned", problem=f"it cannot be planned: {error}")


def stored_inputs(run: WorkflowRun) -> dict[str, Any]:
    """What the run was started with, typed."""
    inputs: dict[str, Any] = thaw(parse(run.inputs))
    return inputs


def inputs_for(run: WorkflowRun, contract: Contract) -> dict[str, Any] | InputError:
    """What another version would have been started with: the run's inputs, and from its event what only that names.

    An input that the version does not know is left out, as it is of an event. An `InputError` says what is missing.
    """
    given = {**_payload(run), **stored_inputs(run)}
    known = {spec.name for spec in contract.inputs}
    try:
        return check_inputs(contract, {name: value for name, value in given.items() if name in known})
    except InputError as error:
        return error


def _payload(run: WorkflowRun) -> Mapping[str, Any]:
    """What the event of the run carried; for an approval what the proposal carried. Empty without one."""
    event = Event.objects.filter(pk=run.trigger_key.rpartition(":")[2]).first()
    if run.trigger_kind not in ("event", "hitl_approval") or event is None:
        return {}
    payload = parse(event.payload)
    payload = payload.get("payload") if run.trigger_kind == "hitl_approval" else payload
    return payload if isinstance(payload, Mapping) else {}


def _as_run(stored: WorkflowRun, version: Version, inputs: Mapping[str, Any]) -> WorkflowRun:
    """The run as if this version had begun it; never saved."""
    return WorkflowRun(
        id=stored.pk,
        contract=version.row,
        workflow_type=stored.workflow_type,
        trigger_kind=stored.trigger_kind,
        trigger_key=stored.trigger_key,
        trigger=stored.trigger,
        inputs=canonical(freeze(inputs)),
        edits=stored.edits,
        plan_revision=stored.plan_revision,
        queued_at=stored.queued_at,
        started_at=stored.started_at or stored.queued_at,
    )


def _side(run: WorkflowRun, contract: Contract, own: Inserted, now: datetime) -> Side:
    edits, scope = parse(run.edits), base_scope(run, now)
    context = load_context(contract, scope, edits=edits)
    scope = replace(scope, context=context)
    checks = softened(check_preconditions(contract, scope), contract, scope, Reuse(run_id=run.pk, inserted=own))
    stopped = blocking(checks)
    if stopped:
        return Side(ending="blocked", checks=checks, problem=in_words(stopped))
    plan = make_plan(contract, scope, edits=edits, drafts=drafts_of(run, contract))
    reading = Reading(context=context, checks=checks, plan=plan)
    return Side(ending="planned", checks=checks, plan=plan, card=_card(run, contract, reading, now))


def _card(run: WorkflowRun, contract: Contract, reading: Reading, now: datetime) -> Mapping[str, Any]:
    """What is asked of a person before anything happens, without what only counts the plan."""
    if not contract.gated:
        return {}
    card = gate.envelope(run, contract, reading, now)
    amount = None if card.amount is None else str(card.amount)
    return {"title": card.title, "customer_name": card.customer_name, "amount": amount, "risk_level": card.risk_level}

"""One reading of a run: context, preconditions and plan together, for the first time or again before applying."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from approvals.canonical import canonical, parse, to_json
from workflows_app.contracts.schema import Contract
from workflows_app.contracts.values import freeze, thaw
from workflows_app.effects.data import Plan
from workflows_app.models import WorkflowRun
from workflows_app.reading.scope import Scope
from workflows_app.runner.agreement import agreement
from workflows_app.runner.context import load_context
from workflows_app.runner.drafts import drafts_of
from workflows_app.runner.own_rows import softened
from workflows_app.runner.plan import all_results, make_plan
from workflows_app.runner.preconditions import CheckResult, blocking, check_preconditions
from workflows_app.runner.reuse import origin, reuse_of


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was read and what follows from it. The plan is empty when a check blocks."""

    context: dict[str, Any]
    checks: list[CheckResult]
    plan: Plan


def base_scope(run: WorkflowRun, now: datetime) -> Scope:
    """What expressions of this run see before any context is loaded."""
    return Scope(
        now=now,
        inputs=thaw(parse(run.inputs)),
        run={"id": run.pk, "started_at": run.started_at, "origin": origin(run)},
    )


def read(run: WorkflowRun, contract: Contract, now: datetime) -> Reading:
    """Load the context, evaluate the preconditions and plan. Raises what those raise."""
    edits, reuse = parse(run.edits), reuse_of(run)
    scope = base_scope(run, now)
    context = load_context(contract, scope, edits=edits)
    scope = replace(scope, context=context)
    checks = softened(check_preconditions(contract, scope), contract, scope, reuse)
    if not blocking(checks):
        checks += agreement(contract, scope, reuse, edits)
    if blocking(checks):
        return Reading(context=context, checks=checks, plan=[])
    plan = make_plan(contract, scope, edits=edits, reuse=reuse, drafts=drafts_of(run, contract))
    return Reading(context=context, checks=checks, plan=plan)


def final_scope(run: WorkflowRun, contract: Contract, now: datetime) -> Scope:
    """What expressions see when a run has ended: its context, and `steps` of its plan."""
    scope = replace(base_scope(run, now), context=thaw(parse(run.context)))
    return replace(scope, steps=all_results(contract, parse(run.plan)))


def reviewed_text(run: WorkflowRun, reading: Reading, card: Mapping[str, Any]) -> dict[str, Any]:
    """What the digest of an envelope covers; its canonical text is what is shown and what is applied."""
    return {
        **card,
        "contract": {"workflow_type": run.workflow_type, "version": run.contract.contract_version},
        "inputs": to_json(thaw(parse(run.inputs))),
        "checks": reading.checks,
        "plan": reading.plan,
    }


def keep(reading: Reading) -> dict[str, Any]:
    """The columns of a run that record a reading."""
    return {
        "context": canonical(freeze(reading.context)),
        "checks": canonical(reading.checks),
        "plan": canonical(reading.plan),
    }

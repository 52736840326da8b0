"""The gate: one envelope proposal that holds the whole run until a person decides."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from approvals import services
from approvals.canonical import canonical, parse, to_json
from workflows_app.contracts.expressions import EvaluationError, render
from workflows_app.contracts.schema import Contract
from workflows_app.effects.card import columns
from workflows_app.effects.data import Plan
from workflows_app.effects.identity import derive_id
from workflows_app.models import WorkflowRun
from workflows_app.reading.scope import Scope
from workflows_app.runner.plan import all_results
from workflows_app.runner.reading import Reading, base_scope, reviewed_text


def envelope(
    run: WorkflowRun, contract: Contract, reading: Reading, now: datetime, **extra: Any
) -> services.NewProposal:
    """The proposal `workflow_<type>` with `entity_ref` `workflow:<type>:run_<id>` (DESIGN.md section 3)."""
    text = reviewed_text(run, reading, _card(run, contract, reading, now))
    gate = contract.gate
    return services.NewProposal(
        id=derive_id("gate", run.pk, str(run.plan_revision)),
        **columns(text),
        window_minutes=gate.window_minutes,
        expires_seconds=gate.expires_after,
        proposed_by=parse(run.trigger)["principal"],
        run_id=run.pk,
        step="",
        item="",
        plan_revision=run.plan_revision,
        effects=canonical(text),
        **{"edits": run.edits, **extra},
    )


def _card(run: WorkflowRun, contract: Contract, reading: Reading, now: datetime) -> dict[str, Any]:
    """What the card says about itself."""
    scope = replace(base_scope(run, now), context=reading.context, steps=all_results(contract, reading.plan))
    gate = contract.gate
    return {
        "action_type": f"workflow_{run.workflow_type}",
        "entity_type": "workflow_run",
        "entity_ref": f"workflow:{run.workflow_type}:run_{run.pk}",
        "customer_name": _text(gate.customer_name, scope)[:200],
        "title": title(contract, scope),
        "summary": _summary(reading),
        "payload": {"run_id": run.pk},
        "risk_level": contract.risk_level,
        "amount": _amount(gate.amount, scope),
    }


def title(contract: Contract, scope: Scope) -> str:
    """What a run is about, in the words of its contract."""
    return _text(contract.gate.summary, scope) or contract.title


def _summary(reading: Reading) -> str:
    """What would happen, counted."""
    effects = [effect for item in reading.plan for effect in item["effects"]]
    warnings = [check["check"] for check in reading.checks if not check["passed"]]
    steps = len({item["step"] for item in reading.plan})
    text = f"{_counted(len(effects), 'effect')} in {_counted(steps, 'step')}."
    text += _reused(reading.plan, steps)
    return text + (f" Warnings: {', '.join(warnings)}." if warnings else "")


def _reused(plan: Plan, steps: int) -> str:
    """What a run that continues another one does not do again."""
    done = [item for item in plan if "reused" in item]
    whole = {item["step"] for item in done} - {item["step"] for item in plan if item["effects"]}
    if not done:
        return ""
    return f" It continues another run: {len(whole)} of its {_counted(steps, 'step')} are reused, not done again."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _text(template: str | None, scope: Scope) -> str:
    """A text for the card; what cannot be rendered must not keep a card from being shown."""
    try:
        return "" if template is None else str(to_json(render(template, scope)) or "")
    except EvaluationError:
        return ""


def _amount(template: str | None, scope: Scope) -> str | None:
    try:
        return str(Decimal(_text(template, scope)).quantize(Decimal("0.01")))
    except InvalidOperation:
        return None

"""A dry run for the page: the card that a start would bring, and the picture lit up as far as planning went."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from approvals.principals import Principal
from workflows_app.admin.picture import Picture, State, picture
from workflows_app.contracts.schema import Contract
from workflows_app.effects.data import Plan
from workflows_app.models import WorkflowContract
from workflows_app.presentation.card import Card, CheckView, read_card
from workflows_app.presentation.look_up import look_up
from workflows_app.presentation.words import money
from workflows_app.runner.preconditions import CheckResult, blocking
from workflows_app.triggers import manual


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would happen, with nothing written. `blocked`: the checks that would stop it; then nothing is planned."""

    card: Card
    title: str
    summary: str
    amount: str
    customer_name: str
    blocked: tuple[CheckView, ...]
    picture: Picture


def preview(row: WorkflowContract, contract: Contract, inputs: Mapping[str, Any], principal: Principal) -> Preview:
    """Plan without a gate and without a trace. Raises `InputError`, and `READING_ERRORS` when it cannot be planned."""
    dry = manual.dry_run(row, inputs, principal=principal)
    proposal = dry.proposal
    card = read_card(proposal.effects, look_up=look_up)
    stopped = {check["check"] for check in blocking(dry.reading.checks)}
    checks = zip(dry.reading.checks, card.checks, strict=True)
    return Preview(
        card=card,
        title=proposal.title,
        summary="" if stopped else proposal.summary,
        amount="" if stopped else money(proposal.amount),
        customer_name=proposal.customer_name,
        blocked=tuple(view for check, view in checks if check["check"] in stopped),
        picture=picture(
            contract,
            states=dict(_states(contract, dry.reading.checks, dry.reading.plan)),
            notes=dict(_notes(dry.reading.plan)),
            base=reverse("admin:workflows_app_workflowcontract_change", args=[row.pk]),
        ),
    )


def _states(contract: Contract, checks: list[CheckResult], plan: Plan) -> Iterator[tuple[str, State]]:
    stopped = bool(blocking(checks))
    yield "trigger", State.DONE
    yield from ((f"context:{entry.name}", State.DONE) for entry in contract.context)
    yield from ((f"check:{check['check']}", _of_check(check)) for check in checks)
    waits = State.WAITING if contract.gated else State.PENDING
    yield "gate", State.NOT_REACHED if stopped else waits
    planned = {item["step"] for item in plan if not item["skipped"]}
    for step in contract.fan_out:
        does = State.PENDING if step.name in planned else State.SKIPPED
        yield f"step:{step.name}", State.NOT_REACHED if stopped else does


def _of_check(check: CheckResult) -> State:
    if check["passed"]:
        return State.DONE
    return State.FAILED if check["severity"] == "block" else State.WARNING


def _notes(plan: Plan) -> Iterator[tuple[str, str]]:
    """How much each step would do."""
    steps: dict[str, list[int]] = {}
    for item in plan:
        steps.setdefault(item["step"], []).append(len(item["effects"]))
    for name, counts in steps.items():
        yield f"step:{name}", _counted(sum(counts), "change")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

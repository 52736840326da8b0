"""The card: everything a decision covers, read back from the reviewed text that the digest covers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from approvals.canonical import parse, to_json
from workflows_app.admin.presentation import words
from workflows_app.admin.presentation.effects import EffectView, present
from workflows_app.admin.presentation.payload import About, names_of_elements, read_payload
from workflows_app.admin.presentation.values import Field, fields
from workflows_app.contracts.values import thaw
from workflows_app.runner.interventions import ACTION_TYPE


@dataclass(frozen=True, kw_only=True)
class CheckView:
    """A precondition and how it came out. `look`: `pass`, `warn` or `block`."""

    name: str
    severity: str
    passed: bool
    rule: str
    detail: str

    @property
    def look(self) -> str:
        """How loudly the card shows it."""
        return "pass" if self.passed else self.severity


@dataclass(frozen=True, kw_only=True)
class StepView:
    """One step, or one item of a step that loops. `reused`: what an earlier run did, which is not done again."""

    title: str
    name: str
    item: str
    kind: str
    skipped: str
    effects: tuple[EffectView, ...]
    reused: tuple[EffectView, ...] = ()
    is_reused: bool = False


@dataclass(frozen=True, kw_only=True)
class Card:
    """What the reviewed text says, in people's words."""

    workflow_type: str
    version: str
    is_envelope: bool
    inputs: tuple[Field, ...]
    checks: tuple[CheckView, ...]
    steps: tuple[StepView, ...]
    recheck: tuple[str, ...]
    about: About | None = None

    @property
    def warnings(self) -> tuple[CheckView, ...]:
        """Checks that did not hold."""
        return tuple(check for check in self.checks if not check.passed)


def read_card(text: str) -> Card:
    """The card of a reviewed text. Raises `ValueError` for a text that is not one."""
    data = parse(text)
    if not isinstance(data, dict):
        raise ValueError("the reviewed text is not an object")
    contract = data.get("contract") or {}
    return Card(
        workflow_type=str(contract.get("workflow_type", "")),
        version=str(contract.get("version", "")),
        is_envelope="plan" in data,
        inputs=fields(to_json(thaw(data.get("inputs") or {}))),
        checks=tuple(read_check(check) for check in data.get("checks", ())),
        steps=read_plan(data["plan"]) if "plan" in data else _leaf(data),
        recheck=tuple(data.get("recheck", ())),
        about=read_payload(data.get("payload") or {}) if "plan" not in data else None,
    )


def read_check(check: Mapping[str, Any]) -> CheckView:
    """A check result of the reviewed text or of a run. Only TRUE passes."""
    return CheckView(
        name=words.sentence(str(check.get("check", ""))),
        severity=str(check.get("severity", "block")),
        passed=check.get("passed") is True,
        rule=str(check.get("rule", "")),
        detail=str(check.get("detail") or ""),
    )


def read_plan(plan: list[Mapping[str, Any]]) -> tuple[StepView, ...]:
    """The planned items of a run, in order."""
    return tuple(
        StepView(
            title=words.sentence(item["step"]),
            name=item["step"],
            item=item["item"],
            kind=item["kind"],
            skipped=item["skipped"],
            effects=present(item["effects"]),
            reused=present(item.get("reused", {}).get("effects", ())),
            is_reused="reused" in item,
        )
        for item in plan
    )


def _leaf(data: Mapping[str, Any]) -> tuple[StepView, ...]:
    """What a leaf does; an intervention in a run has no effects, its summary says what it does."""
    if data.get("action_type") == ACTION_TYPE:
        return ()
    effects = present(data.get("on_approve", ()), names_of_elements(data.get("payload") or {}))
    return (StepView(title="When you approve", name="", item="", kind="", skipped="", effects=effects),)

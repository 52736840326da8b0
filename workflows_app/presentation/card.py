"""The card: everything a decision covers, read back from the reviewed text that the digest covers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from approvals.canonical import parse, to_json
from workflows_app.contracts.values import thaw
from workflows_app.effects.drafts import Draft, drafts
from workflows_app.presentation import words
from workflows_app.presentation.effects import EffectView, StagedView, present
from workflows_app.presentation.endings import NOTHING_YET, Ending, Endings
from workflows_app.presentation.letters import LetterView
from workflows_app.presentation.names import LookUp, Names, born, name_of, named, references
from workflows_app.presentation.payload import About, names_of_elements, read_correction, read_payload
from workflows_app.presentation.records import RecordView
from workflows_app.presentation.sentence import sentence
from workflows_app.presentation.values import Field, fields
from workflows_app.runner import corrective
from workflows_app.runner.interventions import ACTION_TYPE
from workflows_app.runner.settle_letter import ACTIONS

_KEY = "_key"
# What a person did; there are no effects, and the summary says it.
_DONE_BY_HAND = frozenset({ACTION_TYPE, ACTIONS["arrived"]})


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
    """One step, or one item of a step that loops.

    `about`: what the item is, by name; `amount` of money it is about. `reused`: what an earlier run did, which is not
    done again. `ending`: what became of it.
    """

    title: str
    name: str
    item: str
    kind: str
    skipped: str
    effects: tuple[EffectView, ...]
    reused: tuple[EffectView, ...] = ()
    is_reused: bool = False
    about: str = ""
    amount: str = ""
    ending: Ending | None = None


@dataclass(frozen=True, kw_only=True)
class Card:
    """What the reviewed text says, in people's words; `sentence` says it in one.

    `drafts`: how many of the proposals that it will stage can be approved together with it.
    """

    workflow_type: str
    version: str
    is_envelope: bool
    inputs: tuple[Field, ...]
    checks: tuple[CheckView, ...]
    steps: tuple[StepView, ...]
    recheck: tuple[str, ...]
    sentence: str
    drafts: int = 0
    about: About | None = None

    @property
    def warnings(self) -> tuple[CheckView, ...]:
        """Checks that did not hold."""
        return tuple(check for check in self.checks if not check.passed)


def read_card(
    text: str, *, status: str = "pending", look_up: LookUp | None = None, endings: Endings = NOTHING_YET
) -> Card:
    """The card of a reviewed text. Raises `ValueError` for a text that is not one.

    `status` of the proposal, for the tense of its sentence; `look_up` knows the names of rows.
    """
    data = parse(text)
    if not isinstance(data, dict):
        raise ValueError("the reviewed text is not an object")
    known = {draft.id: draft for draft in drafts(data)}
    data = {**data, "inputs": to_json(thaw(data.get("inputs") or {}))}
    if "plan" in data:
        data["plan"] = with_keys(data["plan"])
    data = named(data, names_in(data, look_up))
    contract = data.get("contract") or {}
    effects = [effect for item in data.get("plan", ()) for effect in item["effects"]] or data.get("on_approve", ())
    return Card(
        workflow_type=str(contract.get("workflow_type", "")),
        version=str(contract.get("version", "")),
        is_envelope="plan" in data,
        inputs=fields(data["inputs"]),
        checks=tuple(read_check(check) for check in data.get("checks", ())),
        steps=ended(read_plan(data["plan"]) if "plan" in data else _leaf(data), endings, known),
        drafts=sum(not draft.refusal for draft in known.values()),
        recheck=tuple(data.get("recheck", ())),
        sentence="" if data.get("action_type") in _DONE_BY_HAND else _sentence(effects, data, status),
        about=_about(data) if "plan" not in data else None,
    )


def _about(data: Mapping[str, Any]) -> About:
    payload = data.get("payload") or {}
    return read_correction(payload) if data.get("action_type") == corrective.ACTION_TYPE else read_payload(payload)


def names_in(data: Any, look_up: LookUp | None) -> Names:
    """The names of the rows that a text speaks of; what it adds itself is named by what it says."""
    return {} if look_up is None else {**look_up(references(data)), **born(data)}


def ended(
    steps: tuple[StepView, ...], endings: Endings, known: Mapping[str, Draft] | None = None
) -> tuple[StepView, ...]:
    """The steps with what became of each, and of its letters, records and drafts; `known`: what can be approved too."""
    return tuple(
        replace(
            step,
            ending=endings.steps.get((step.name, step.item)),
            effects=tuple(_ended(effect, endings, known or {}) for effect in step.effects),
        )
        for step in steps
    )


def _ended(effect: EffectView, endings: Endings, known: Mapping[str, Draft]) -> EffectView:
    if isinstance(effect, StagedView):
        return replace(effect, ending=endings.effects.get(effect.id), draft=known.get(effect.id))
    if isinstance(effect, LetterView | RecordView):
        return replace(effect, ending=endings.effects.get(effect.id))
    return effect


def _sentence(effects: list[Mapping[str, Any]], data: Mapping[str, Any], status: str) -> str:
    return sentence(effects, status, words.money(data.get("amount")))


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
    keys = keys_of(plan)
    return tuple(
        StepView(
            title=words.step(item["step"]),
            about=called(item["effects"]) or name_of(item.get(_KEY, {}).get(keys.get(item["step"], ""))),
            amount=_amount(item["effects"]),
            name=item["step"],
            item=item["item"],
            kind=words.step_kind(item["kind"]),
            skipped=item["skipped"],
            effects=present(item["effects"]),
            reused=present(item.get("reused", {}).get("effects", ())),
            is_reused="reused" in item,
        )
        for item in plan
    )


def keys_of(plan: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """By step that loops: the column whose value its items are known by, where a draft of it says so."""
    return {item["step"]: effect["key"] for item in plan for effect in item["effects"] if effect.get("key")}


def with_keys(plan: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The plan with each item's key as a column, so that an item which does nothing has a name as well."""
    keys = keys_of(plan)
    return [{**item, _KEY: {keys[item["step"]]: item["item"]}} if item["step"] in keys else {**item} for item in plan]


def _amount(effects: Sequence[Mapping[str, Any]]) -> str:
    """The money that the one draft of an item is about."""
    return words.money(effects[0].get("amount")) if len(effects) == 1 else ""


def called(effects: Sequence[Mapping[str, Any]]) -> str:
    """What an item of a loop is called, by what it proposes; empty when that says nothing."""
    staged = [effect for effect in effects if effect["kind"] == "proposal.stage"]
    return str(staged[0]["customer_name"] or staged[0]["title"]) if staged else ""


def _leaf(data: Mapping[str, Any]) -> tuple[StepView, ...]:
    """What a leaf does; nothing for what a person did by hand."""
    if data.get("action_type") in _DONE_BY_HAND:
        return ()
    effects = present(data.get("on_approve", ()), names_of_elements(data.get("payload") or {}))
    return (StepView(title="", name="", item="", kind="", skipped="", effects=effects),)

"""All effects of a step, in order; a staged proposal shows its own effects inside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar, Final

from workflows_app.effects.drafts import Draft
from workflows_app.presentation import events, letters, records, requests, rows, words
from workflows_app.presentation.endings import Ending
from workflows_app.presentation.payload import names_of_elements
from workflows_app.presentation.values import Field, fields


@dataclass(frozen=True, kw_only=True)
class StagedView:
    """A proposal that will wait for a decision of its own, with what its approval does.

    `ending`: what became of it, once it was staged; `draft`: whether it can be approved together with its envelope.
    """

    template: ClassVar = "admin/countersign/effects/staged.html"
    icon: ClassVar = "approval"
    title: str
    id: str
    action_type: str
    summary: str
    customer_name: str
    amount: str
    recheck: tuple[str, ...]
    payload: tuple[Field, ...]
    effects: "tuple[EffectView, ...]"
    ending: Ending | None = None
    draft: Draft | None = None


@dataclass(frozen=True, kw_only=True)
class UnknownView:
    """An effect of a kind this page does not know. It is shown whole, never left out."""

    template: ClassVar = "admin/countersign/effects/unknown.html"
    icon: ClassVar = "help"
    title: str
    fields: tuple[Field, ...]


EffectView = (
    rows.RowChange
    | rows.NewRows
    | rows.ChangedRows
    | letters.LetterView
    | records.RecordView
    | events.EventView
    | requests.RequestView
    | StagedView
    | UnknownView
)
Data = Mapping[str, Any]


def present_stage(effect: Data) -> StagedView:
    """A `proposal.stage`."""
    return StagedView(
        title=effect["title"],
        id=str(effect.get("id", "")),
        action_type=words.sentence(words.action(effect["action_type"])),
        summary=effect["summary"],
        customer_name=effect["customer_name"],
        amount=words.money(effect["amount"]),
        recheck=tuple(effect["recheck"]),
        payload=fields(effect["payload"]),
        effects=present(effect["on_approve"], names_of_elements(effect["payload"])),
    )


_KINDS: Final[Mapping[str, Callable[[Data], EffectView]]] = {
    "row.insert": rows.present_insert,
    "row.update": rows.present_update,
    "row.upsert": rows.present_upsert,
    "proposal.stage": present_stage,
    "netsuite.push": records.present_push,
    "email.send": letters.present_email,
    "event.record": events.present_event,
    "http.request": requests.present_request,
}


def present(effects: Sequence[Data], names: Mapping[str, str] | None = None) -> tuple[EffectView, ...]:
    """The view of each effect; neighbours that do the same to one table are shown together.

    `names`: titles of the elements that effects of a loop belong to.
    """
    return tuple(view for _alike, group in groupby(effects, key=_alike) for view in _present(list(group), names or {}))


def _alike(effect: Data) -> tuple[str, str, tuple[str, ...]]:
    """What neighbours must share to be shown as one table."""
    return str(effect["kind"]), str(effect.get("table", "")), tuple(effect.get("set", ()))


def _present(members: list[Data], names: Mapping[str, str]) -> list[EffectView]:
    kind = members[0]["kind"]
    if kind == "row.insert" and len(members) > 1:
        return [rows.present_inserts(members)]
    if kind == "row.update" and len(members) > 1:
        return [rows.present_updates(members, names)]
    return [_KINDS.get(kind, _unknown)(effect) for effect in members]


def _unknown(effect: Data) -> UnknownView:
    return UnknownView(title=str(effect["kind"]), fields=fields(effect))

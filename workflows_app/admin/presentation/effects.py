"""All effects of a step, in order; a staged proposal shows its own effects inside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar, Final

from workflows_app.admin.presentation import events, letters, records, requests, rows, words
from workflows_app.admin.presentation.values import Field, fields


@dataclass(frozen=True, kw_only=True)
class StagedView:
    """A proposal that will wait for a decision of its own, with what its approval does."""

    template: ClassVar = "admin/countersign/effects/staged.html"
    icon: ClassVar = "approval"
    title: str
    action_type: str
    summary: str
    customer_name: str
    amount: str
    recheck: tuple[str, ...]
    payload: tuple[Field, ...]
    effects: "tuple[EffectView, ...]"


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
        action_type=words.sentence(effect["action_type"]),
        summary=effect["summary"],
        customer_name=effect["customer_name"],
        amount=effect["amount"] or "",
        recheck=tuple(effect["recheck"]),
        payload=fields(effect["payload"]),
        effects=present(effect["on_approve"]),
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


def present(effects: Sequence[Data]) -> tuple[EffectView, ...]:
    """The view of each effect; neighbouring inserts into one table are shown together."""
    shown: list[EffectView] = []
    for (kind, _table), group in groupby(effects, key=lambda effect: (effect["kind"], effect.get("table"))):
        members = list(group)
        if kind == "row.insert" and len(members) > 1:
            shown.append(rows.present_inserts(members))
        else:
            shown.extend(_KINDS.get(kind, _unknown)(effect) for effect in members)
    return tuple(shown)


def _unknown(effect: Data) -> UnknownView:
    return UnknownView(title=str(effect["kind"]), fields=fields(effect))

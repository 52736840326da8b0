"""Which fields of a proposal a person may change before deciding, and what they changed.

An edit is data, `{item, field, value}` (DESIGN.md section 6). `item` is the id of an effect that lists the field as
editable, `<context entry>:<key>` for a row of a provider, or `<step>/<key>` for an item of a step that loops.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from approvals.canonical import canonical, parse, to_json
from approvals.hooks import Edit, EditRefusedError
from approvals.models import ProposedAction
from workflows_app.admin.loaded import contract_or_problem
from workflows_app.contracts.schema import ContextEntry, Contract
from workflows_app.contracts.values import thaw
from workflows_app.models import WorkflowRun
from workflows_app.presentation import words
from workflows_app.presentation.card import called
from workflows_app.presentation.payload import names_of_elements
from workflows_app.providers.registry import PROVIDERS
from workflows_app.runner.plan import LEFT_OUT, item_edit
from workflows_app.runner.unedited import unedited

_LONG = frozenset({"body", "text"})


@dataclass(frozen=True, kw_only=True)
class EditField:
    """One field of the edit form. `value` is what the card shows now, `typed` what the form holds.

    `control`: `line`, `area` or `tick`. A tick stands for all effects of one element, so it has several `items`.
    """

    name: str
    group: str
    label: str
    items: tuple[str, ...]
    field: str
    value: str
    typed: str
    control: str


def edit_fields(proposal: ProposedAction, run: WorkflowRun | None = None) -> tuple[EditField, ...]:
    """Every editable field, in the order of the card; `run` of the proposal, when it was read already."""
    data = parse(proposal.effects)
    if "plan" in data:
        contract_rows = list(_of_providers(run or _run(proposal), parse(proposal.edits)))
        found = [*_of_items(data["plan"]), *_of_effects(_effects(data)), *contract_rows]
    else:
        found = [*_ticks(proposal, data), *_of_effects(_effects(data))]
    return tuple(replace(field, name=f"field-{number}") for number, field in enumerate(found))


def labels_of(earlier: Sequence[ProposedAction], run: WorkflowRun | None) -> dict[str, str]:
    """What a person calls each thing of earlier proposals that can be edited, by the item of its edit."""
    fields = [field for proposal in earlier for field in edit_fields(proposal, run)]
    return {item: field.group if ":" in item else _call(field) for field in fields for item in field.items}


def _call(field: EditField) -> str:
    return field.label if field.control == "tick" else field.group


def with_typed(fields: Sequence[EditField], posted: Mapping[str, str]) -> tuple[EditField, ...]:
    """The fields holding what was posted. Browsers send line breaks as CRLF and nothing for what is not ticked."""
    return tuple(
        replace(field, typed=_newlines(posted.get(field.name, "" if field.control == "tick" else field.value)))
        for field in fields
    )


def changes(fields: Sequence[EditField]) -> list[Edit]:
    """The edits that were typed."""
    return [
        {"item": item, "field": field.field, "value": bool(field.typed) if field.control == "tick" else field.typed}
        for field in fields
        if field.typed != _newlines(field.value)
        for item in field.items
    ]


def _run(proposal: ProposedAction) -> WorkflowRun | None:
    return WorkflowRun.objects.select_related("contract").filter(pk=proposal.run_id).first()


def _effects(data: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [effect for item in data.get("plan", ()) for effect in item["effects"]] or data.get("on_approve", [])


def _of_items(plan: Sequence[Mapping[str, Any]]) -> Iterator[EditField]:
    """One tick per item of a step that loops; what has its own reason to be skipped has none."""
    for item in plan:
        if item["item"] and "reused" not in item and item["skipped"] in ("", LEFT_OUT):
            yield _tick(
                group=f"{words.step(item['step'])}: which ones",
                label=called(item["effects"]) or item["item"],
                items=(item_edit(item["step"], item["item"]),),
                ticked=not item["skipped"],
            )


def _ticks(proposal: ProposedAction, data: Mapping[str, Any]) -> Iterator[EditField]:
    """One tick per element, for all its effects; without a tick those that an earlier edit has left out.

    Those of nested proposals stand on their own cards later.
    """
    names, there = names_of_elements(data.get("payload") or {}), {effect.get("id") for effect in _effects(data)}
    elements: dict[str, list[str]] = {}
    for effect in _before_edits(proposal, data):
        if "tick" in effect.get("editable", ()):
            elements.setdefault(str(effect.get("element") or effect["id"]), []).append(effect["id"])
    for element, items in elements.items():
        yield _tick(
            group="What to do and what to leave as it is",
            label=names.get(element, element),
            items=tuple(items),
            ticked=not there.isdisjoint(items),
        )


def _before_edits(proposal: ProposedAction, data: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """What could be ticked at first; when that cannot be told any more, what is there now."""
    try:
        first = unedited(proposal)
    except EditRefusedError:
        return _effects(data)
    return _effects(data if first.pk == proposal.pk else parse(first.effects))


def _tick(*, group: str, label: str, items: tuple[str, ...], ticked: bool = True) -> EditField:
    value = "on" if ticked else ""
    return EditField(
        name="", group=group, label=label, items=items, field="tick", value=value, typed=value, control="tick"
    )


def _of_effects(effects: Sequence[Mapping[str, Any]]) -> Iterator[EditField]:
    for effect in effects:
        group = str(effect.get("subject") or effect.get("title") or effect["kind"])
        if "to" in effect:
            group = f"Letter to {effect['to']}"
        for field in effect.get("editable", ()):
            if field == "tick":
                continue
            yield _field(group=group, item=effect["id"], field=field, value=effect[field])
        yield from _of_effects(effect.get("on_approve", ()))


def _of_providers(run: WorkflowRun | None, edits: Sequence[Edit]) -> Iterator[EditField]:
    if run is None:
        return
    contract = contract_or_problem(run.contract)
    context = thaw(parse(run.context))
    for entry in contract.context if isinstance(contract, Contract) else ():
        if entry.provider is not None:
            yield from _of_rows(entry, entry.provider, context.get(entry.name) or ())
            yield from _left_out(entry.name, edits)


def _of_rows(entry: ContextEntry, provider: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[EditField]:
    spec = PROVIDERS[provider].spec
    for row in rows:
        key = str(row[spec.key])
        group = " · ".join(filter(None, [f"{words.sentence(entry.name)} {key}", str(row.get("description") or "")]))
        item = f"{entry.name}:{key}"
        if spec.ticks:
            yield _tick(group=group, label="Keep it", items=(item,))
        for field in spec.editable:
            yield _field(group=group, item=item, field=field, value=row[field])


def _left_out(entry: str, edits: Sequence[Edit]) -> Iterator[EditField]:
    """Rows that an earlier edit has left out, so that they can be taken in again."""
    for edit in edits:
        name, _colon, key = str(edit["item"]).partition(":")
        if name == entry and edit["field"] == "tick" and edit["value"] is False:
            yield _tick(group=f"{words.sentence(entry)} {key}", label="Keep it", items=(edit["item"],), ticked=False)


def _field(*, group: str, item: str, field: str, value: Any) -> EditField:
    text = _text(value)
    return EditField(
        name="",
        group=group,
        label=words.column(field),
        items=(item,),
        field=field,
        value=text,
        typed=text,
        control="area" if field in _LONG else "line",
    )


def _text(value: Any) -> str:
    """A value as the form holds it."""
    data = to_json(value)
    if data is None:
        return ""
    return data if isinstance(data, str) else canonical(data)


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n")

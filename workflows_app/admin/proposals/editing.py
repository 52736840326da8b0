"""Which fields of a proposal a person may change before deciding, and what they changed.

An edit is data, `{item, field, value}` (DESIGN.md section 6). `item` is the id of an effect that lists the field as
editable, or `<context entry>:<key>` for a row of a provider.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from approvals.canonical import canonical, parse, to_json
from approvals.hooks import Edit
from approvals.models import ProposedAction
from workflows_app.admin.loaded import contract_or_problem
from workflows_app.admin.presentation import words
from workflows_app.admin.presentation.payload import names_of_elements
from workflows_app.contracts.schema import ContextEntry, Contract
from workflows_app.contracts.values import thaw
from workflows_app.models import WorkflowRun
from workflows_app.providers.registry import PROVIDERS

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


def edit_fields(proposal: ProposedAction) -> tuple[EditField, ...]:
    """Every editable field, in the order of the card; none when the proposal can not be decided any more."""
    data = parse(proposal.effects)
    effects = [effect for item in data.get("plan", ()) for effect in item["effects"]] or data.get("on_approve", [])
    found = [
        *_ticks(effects, names_of_elements(data.get("payload") or {})),
        *_of_effects(effects),
        *(_of_providers(proposal.run_id) if "plan" in data else ()),
    ]
    return tuple(replace(field, name=f"field-{number}") for number, field in enumerate(found))


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


def _ticks(effects: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Iterator[EditField]:
    """One tick per element, for all its effects; those of nested proposals stand on their own cards later."""
    elements: dict[str, list[str]] = {}
    for effect in effects:
        if "tick" in effect.get("editable", ()):
            elements.setdefault(str(effect.get("element") or effect["id"]), []).append(effect["id"])
    for element, items in elements.items():
        yield EditField(
            name="",
            group="What to do and what to leave as it is",
            label=names.get(element, element),
            items=tuple(items),
            field="tick",
            value="on",
            typed="on",
            control="tick",
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


def _of_providers(run_id: str) -> Iterator[EditField]:
    run = WorkflowRun.objects.select_related("contract").filter(pk=run_id).first()
    if run is None:
        return
    contract = contract_or_problem(run.contract)
    context = thaw(parse(run.context))
    for entry in contract.context if isinstance(contract, Contract) else ():
        if entry.provider is not None:
            yield from _of_rows(entry, entry.provider, context.get(entry.name) or ())


def _of_rows(entry: ContextEntry, provider: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[EditField]:
    spec = PROVIDERS[provider].spec
    for row in rows:
        key = str(row[spec.key])
        for field in spec.editable:
            yield _field(
                group=f"{words.sentence(entry.name)} {key}", item=f"{entry.name}:{key}", field=field, value=row[field]
            )


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

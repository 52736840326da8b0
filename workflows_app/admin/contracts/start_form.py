"""The form that starts a contract by hand, generated from its declared inputs.

Fields hold raw text as it was typed, so that nothing is lost when something is wrong; `runner.inputs` alone decides
what is right. What only a form can get wrong (JSON that is none) is said here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from approvals.canonical import to_json
from workflows_app.admin.contracts.many import Row, cells, columns, picked_up, with_room
from workflows_app.contracts.schema import Contract, InputSpec
from workflows_app.presentation import words

_CONTROLS = {"text": "area", "object": "area", "boolean": "check", "date": "date", "email": "email"}
_HINTS = {
    "object": 'One JSON object, such as {"name": "value"}.',
    "list[object]": "A JSON list of objects.",
    "datetime": "A moment such as 2026-09-01T06:00:00Z.",
    "decimal": "A number such as 1250.00.",
    "integer": "A whole number.",
}


class Posted(Protocol):
    """What a browser sent: the last value of each name. A form with lists also has Django's `getlist`."""

    def get(self, name: str, default: str, /) -> Any:
        """The value, or the default."""


@dataclass(frozen=True, kw_only=True)
class StartField:
    """One input as a form field. `control`: `line`, `area`, `check`, `date`, `email`, `lines` or `rows`.

    `lines`: one value each, and some empty ones; `rows`: the objects of a list under `titles`, and some empty ones.
    """

    name: str
    label: str
    control: str
    required: bool
    hint: str
    typed: str
    checked: bool
    error: str = ""
    lines: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


def blank_form(contract: Contract) -> tuple[StartField, ...]:
    """The form before anything was typed: defaults filled in."""
    return tuple(_field(spec, _as_typed(spec), checked=spec.default is True) for spec in contract.inputs)


def typed_form(
    contract: Contract, posted: Posted, errors: Mapping[str, str], *, more: bool = False
) -> tuple[StartField, ...]:
    """The form as it was typed, with a sentence at each field that is wrong. `more`: with further lines for lists."""
    return tuple(
        _field(
            spec,
            _text(spec, posted),
            checked=bool(posted.get(spec.name, "")),
            error=errors.get(spec.name, ""),
            rows=cells(spec, posted),
            more=more,
        )
        for spec in contract.inputs
    )


def read_form(contract: Contract, posted: Posted) -> tuple[dict[str, Any], dict[str, str]]:
    """The raw inputs, and sentences about fields that hold no JSON where JSON is needed."""
    inputs: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for spec in contract.inputs:
        try:
            inputs[spec.name] = picked_up(spec, posted) or _raw(spec.type, _text(spec, posted))
        except (ValueError, RecursionError):
            errors[spec.name] = f"is not JSON. {_HINTS[spec.type]}"
    return inputs, errors


def _text(spec: InputSpec, posted: Posted) -> str:
    """What was typed into the field; of a list, the values of all its fields, one per line."""
    several = getattr(posted, "getlist", None)
    if several is None or not spec.type.startswith("list["):
        return str(posted.get(spec.name, ""))
    return "\n".join(several(spec.name))


def _raw(kind: str, typed: str) -> Any:
    if kind == "boolean":
        return typed != ""
    if not typed.strip():
        return None
    if kind in ("object", "list[object]"):
        return json.loads(typed, parse_float=Decimal)
    if kind.startswith("list["):
        return [line.strip() for line in typed.splitlines() if line.strip()]
    return typed.replace("\r\n", "\n")


def _field(
    spec: InputSpec, typed: str, *, checked: bool, error: str = "", rows: tuple[Row, ...] = (), more: bool = False
) -> StartField:
    label = words.sentence(spec.name.removesuffix("_id").removesuffix("_uuid"))
    control = _control(spec, typed)
    told = "" if spec.help.rstrip(".").lower() == label.lower() else spec.help
    hint = "" if control == "rows" else _HINTS.get(spec.type) or ("One per line." if control == "lines" else "")
    return StartField(
        name=spec.name,
        label=label,
        control=control,
        required=spec.required,
        hint=". ".join(text.removesuffix(".") for text in (told, hint) if text),
        typed=typed,
        checked=checked,
        error=f"{label} {error}" if error else "",
        lines=with_room([line for line in typed.splitlines() if line.strip()], "", more) if control == "lines" else (),
        titles=tuple(words.sentence(name) for name in columns(spec)) if control == "rows" else (),
        rows=with_room(rows, cells(spec)[0], more) if control == "rows" else (),
    )


def _control(spec: InputSpec, typed: str) -> str:
    """A list is a field for each value; one of objects is a row for each, unless somebody typed JSON."""
    if spec.type == "list[object]":
        return "rows" if spec.fields and not typed.strip() else "area"
    if spec.type in ("list[text]",):
        return "area"
    return "lines" if spec.type.startswith("list[") else _CONTROLS.get(spec.type, "line")


def _as_typed(spec: InputSpec) -> str:
    """A default as a person would type it."""
    default = to_json(spec.default)
    if default is None or isinstance(default, bool):
        return ""
    if isinstance(default, list) and spec.type != "list[object]":
        return "\n".join(str(item) for item in default)
    return default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)

"""The fields of an intake form, from the contract's inputs, with pickers over what the mirror knows.

What may be typed is decided by `runner.inputs` alone; the generic start form reads what a browser sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from workflows_app.admin.contracts.start_form import StartField
from workflows_app.admin.intake.words import ASKED, MORE, Asked, place
from workflows_app.models import PaymentTerm, PricingTier, SalesRep
from workflows_app.presentation import words

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class IntakeField:
    """One input as people see it. `control`: `area`, `check`, `select`, or the type of an `input`.

    `choices`: (value, title) of a picker, the empty one first.
    """

    name: str
    label: str
    control: str
    required: bool
    help: str
    typed: str
    checked: bool
    error: str
    choices: Choices = ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """Fields that belong together."""

    title: str
    fields: tuple[IntakeField, ...]


def sections(fields: Sequence[StartField], errors: Mapping[str, str]) -> tuple[Section, ...]:
    """The form in sections, in people's words. `errors`: what is wrong with an input, after its name."""
    pickers = _pickers({field.name for field in fields})
    ordered = sorted(fields, key=lambda field: place(field.name))
    placed = [(_asked(field).section, _field(field, errors.get(field.name, ""), pickers)) for field in ordered]
    return tuple(
        Section(title=title, fields=tuple(field for _section, field in group))
        for title, group in groupby(placed, key=lambda pair: pair[0])
    )


def said(inputs: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was typed under the labels of the form and in its order; what was picked by its title."""
    pickers = _pickers(set(inputs))
    return [
        (ASKED[name].label if name in ASKED else words.sentence(name), dict(pickers.get(name, ())).get(value, value))
        for name, value in sorted(inputs.items(), key=lambda pair: place(pair[0]))
    ]


def _asked(field: StartField) -> Asked:
    return ASKED.get(field.name) or Asked(section=MORE, label=field.label, help=field.hint)


def _field(field: StartField, error: str, pickers: Mapping[str, Choices]) -> IntakeField:
    asked = _asked(field)
    choices = pickers.get(field.name, ())
    return IntakeField(
        name=field.name,
        label=asked.label,
        control="select" if choices else asked.kind or {"line": "text"}.get(field.control, field.control),
        required=field.required,
        help=asked.help,
        typed=field.typed,
        checked=field.checked,
        error=f"{asked.label} {error}" if error else "",
        choices=_with_typed(((("", asked.blank), *choices) if choices else ()), field.typed),
    )


def _with_typed(choices: Choices, typed: str) -> Choices:
    """A picker keeps what somebody typed elsewhere, such as terms that are gone meanwhile."""
    if not choices or typed in dict(choices):
        return choices
    return (*choices, (typed, f"{typed} (not known here)"))


def _pickers(names: set[str]) -> dict[str, Choices]:
    """What can be picked for those inputs that name a row of the mirror; one query each."""
    read: dict[str, Any] = {"terms": _terms, "pricing_tier": _tiers, "sales_rep": _reps}
    return {name: choices() for name, choices in read.items() if name in names}


def _terms() -> Choices:
    return tuple((name, name) for name in PaymentTerm.objects.order_by("days", "name").values_list("name", flat=True))


def _tiers() -> Choices:
    rows = PricingTier.objects.order_by("tier").values_list("tier", "discount_pct")
    return tuple(
        (tier, f"{tier} ({discount.normalize():f} % off the list)" if discount else tier) for tier, discount in rows
    )


def _reps() -> Choices:
    return tuple(SalesRep.objects.order_by("name", "id").values_list("id", "name"))

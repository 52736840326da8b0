"""What people call principals, steps and items."""

import re
from collections.abc import Mapping
from typing import Any, Final

from approvals.models import ProposedAction
from workflows_app.admin.presentation import words
from workflows_app.effects.data import Plan
from workflows_app.effects.difference import Place

_PRINCIPAL: Final = re.compile(r"\b(person|machine):([\w.@+-]*\w)")
_MACHINES: Final = {
    "schedule": "the schedule",
    "events": "an event",
    "command": "a command",
    "verify": "a verify check",
}


def who(principal: str) -> str:
    """A principal as people say it: `person:mike` is mike, `machine:schedule` is the schedule."""
    kind, _, name = principal.partition(":")
    if kind == "machine":
        return _MACHINES.get(name, name)
    return name or principal


def said(text: str) -> str:
    """A recorded reason as a sentence, with the principals in it named as people."""
    text = _PRINCIPAL.sub(lambda found: who(found[0]), " ".join(text.split()))
    return text[:1].upper() + text[1:]


def place(step: str, item: str, names: Mapping[Place, str]) -> str:
    """A step in words, with the name of its item when it loops."""
    name = names.get((step, item), item)
    return words.sentence(step) + (f" · {name}" if name else "")


def item_names(plan: Plan) -> dict[Place, str]:
    """What the items of loops are about, as far as their effects say it."""
    named = {(item["step"], item["item"]): _naming(item["effects"]) for item in plan if item["item"]}
    return {where: name for where, name in named.items() if name}


def _naming(effects: list[Any]) -> str:
    return next(filter(None, map(_name, effects)), "")


def _name(effect: Mapping[str, Any]) -> str:
    if effect["kind"] == "proposal.stage":
        return str(effect["customer_name"])
    return words.naming(effect.get("values") or effect.get("match") or effect.get("was") or {})


def proposal_place(proposal: ProposedAction, names: Mapping[Place, str]) -> str:
    """The step that staged a proposal, in words."""
    return place(proposal.step, "", names)

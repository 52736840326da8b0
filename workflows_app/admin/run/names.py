"""What people call recorded reasons, steps and items."""

import re
from collections.abc import Mapping
from typing import Any, Final

from workflows_app.effects.data import Plan
from workflows_app.effects.difference import Place
from workflows_app.presentation import words
from workflows_app.presentation.people import people
from workflows_app.runner import settle_letter

_OWN_ID: Final = re.compile(r"\b(cs-[a-z]+-[0-9a-f]{4})[0-9a-f]{4}-[0-9a-f-]{27}")
# What may begin with a capital: a word, not a path or the name of something.
_WORD: Final = re.compile(r"[a-z]+(?:[\s,:;.!]|$)")


def said(text: str) -> str:
    """A recorded reason as a sentence: principals are named, long ids of our own rows shortened."""
    text = _OWN_ID.sub(lambda found: f"{found[1]}…", people(" ".join(text.split())))
    return text[:1].upper() + text[1:] if _WORD.match(text) else text


def place(step: str, item: str, names: Mapping[Place, str]) -> str:
    """A step in words, with the name of its item when it loops."""
    name = "" if step.startswith(settle_letter.PLACE) else names.get((step, item), item)
    return words.step(step) + (f" · {name}" if name else "")


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

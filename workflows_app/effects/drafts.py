"""The drafts that an envelope's plan will stage, and the digest that each has once it is staged.

A draft whose text is settled when it is planned can be approved together with its envelope: its digest is known then,
and a draft that comes out with another one is simply not what was approved.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from approvals.canonical import canonical, digest
from workflows_app.effects.data import is_placeholder

_OPEN = {
    "now": "the moment when it is applied",
    "artifact_sha256": "a file that is made first",
    "ns_id": "a number that NetSuite gives",
}


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One draft. `refusal`: why it cannot be approved before it is there, else empty and `digest` is its own."""

    id: str
    digest: str
    refusal: str


def drafts(text: Mapping[str, Any]) -> Iterator[Draft]:
    """Every draft in the reviewed text of an envelope, in order; none in that of anything else."""
    for item in text.get("plan", ()):
        for effect in item["effects"]:
            if effect["kind"] == "proposal.stage":
                yield _draft(effect, text)


def approvable(text: Mapping[str, Any]) -> dict[str, str]:
    """The digest of each draft that can be approved together with its envelope, by id."""
    return {draft.id: draft.digest for draft in drafts(text) if not draft.refusal}


def _draft(effect: Mapping[str, Any], text: Mapping[str, Any]) -> Draft:
    missing = sorted({_OPEN.get(name, name) for name in _placeholders(effect)})
    if missing:
        return Draft(id=effect["id"], digest="", refusal=f"still open: {', '.join(missing)}")
    staged = {**effect, "contract": text["contract"], "inputs": text["inputs"]}
    return Draft(id=effect["id"], digest=digest(canonical(staged)), refusal="")


def _placeholders(value: Any) -> Iterator[str]:
    if is_placeholder(value):
        yield value["placeholder"]
    elif isinstance(value, dict):
        for item in value.values():
            yield from _placeholders(item)
    elif isinstance(value, list):
        for item in value:
            yield from _placeholders(item)

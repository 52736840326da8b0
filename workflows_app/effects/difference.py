"""What differs between an approved plan and the same plan made anew (DESIGN.md section 3, rule 1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from workflows_app.effects.data import Plan, PlannedItem

Place = tuple[str, str]


class Difference(TypedDict):
    """One changed value: where it is, what it was, what it is now (canonical values)."""

    where: str
    was: Any
    now: Any


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The plan that may be applied, what was dropped from it and why, and what changed so that nothing may be."""

    effective: Plan
    dropped: Mapping[Place, str]
    changed: list[Difference]


def compare(approved: Plan, fresh: Plan, looping: frozenset[str]) -> Comparison:
    """Compare item by item.

    An item of a loop that vanished or changed is dropped and the rest stays; a step that only stages proposals takes
    what is planned now, because each proposal gets a decision of its own; any other change means that nothing may
    be applied. `looping` names the steps with a loop.
    """
    now = {_place(item): item for item in fresh}
    effective: Plan = []
    dropped: dict[Place, str] = {}
    changed: list[Difference] = []
    for item in approved:
        current = now.pop(_place(item), None)
        if current is not None and current == item:
            effective.append(item)
        elif current is not None and only_stages(item) and only_stages(current):
            effective.append(current)
            if current["skipped"] and not item["skipped"] and item["step"] in looping:
                dropped[_place(item)] = current["skipped"]
        elif item["step"] in looping:
            dropped[_place(item)] = _reason(item, current)
        else:
            changed.extend(differences(item, current))
    effective.extend(item for item in now.values() if only_stages(item) and item["item"])
    changed.extend(_appeared(list(now.values()), looping))
    return Comparison(effective=_in_order(effective, approved, fresh), dropped=dropped, changed=changed)


def differences(was: PlannedItem, now: PlannedItem | None) -> list[Difference]:
    """Every value in which two plans of one item differ, named by step, effect and field."""
    label = was["step"] + (f" · {was['item']}" if was["item"] else "")
    return [
        {"where": " · ".join([label, *path]), "was": old, "now": new}
        for path, old, new in _walk(_named(was), _named(now) if now else None)
    ]


def changed_fields(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Every value in which two effects differ, named by its path within the effect."""
    return [{"where": ".".join(path), "was": old, "now": new} for path, old, new in _walk(was, now)]


def only_stages(item: PlannedItem) -> bool:
    """Whether an item changes nothing itself: it stages proposals, or is skipped."""
    return all(effect["kind"] == "proposal.stage" for effect in item["effects"])


def _appeared(items: Plan, looping: frozenset[str]) -> Iterator[Difference]:
    """Items that were not in the approved plan at all; in a loop they simply wait for the next run."""
    for item in items:
        if item["step"] not in looping and not only_stages(item):
            yield {"where": item["step"], "was": None, "now": "planned"}


def _reason(item: PlannedItem, current: PlannedItem | None) -> str:
    if current is None:
        return "it is no longer there"
    if current["skipped"]:
        return current["skipped"]
    first = differences(item, current)[0]
    return f"{first['where']} was {first['was']} and is {first['now']}"


def _place(item: PlannedItem) -> Place:
    return item["step"], item["item"]


def _named(item: PlannedItem) -> dict[str, Any]:
    """An item as nested mappings, its effects under a name instead of a position."""
    effects = {f"{effect.get('table', effect['kind'])} {effect['id']}": dict(effect) for effect in item["effects"]}
    return {"skipped": item["skipped"], **effects}


def _walk(old: Any, new: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from _walk(old.get(key), new.get(key), (*path, key))
    elif old != new:
        yield path, old, new


def _in_order(plan: Plan, approved: Plan, fresh: Plan) -> Plan:
    """Steps in the contract's order, items of a step by key."""
    steps = list(dict.fromkeys(item["step"] for item in [*fresh, *approved]))
    return sorted(plan, key=lambda item: (steps.index(item["step"]), item["item"]))

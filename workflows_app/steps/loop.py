"""Elements of a loop inside a step, identified and sorted by their key, never by position."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflows_app.contracts.expressions import Value, evaluate
from workflows_app.steps.base import PlanEnv
from workflows_app.steps.errors import PlanningError


def elements(for_each: str, alias: str, key: str, env: PlanEnv) -> Iterator[tuple[str, PlanEnv]]:
    """Each element's key and the environment where `alias` means it; a NULL list has no elements.

    Raises `PlanningError` when a key is missing or occurs twice.
    """
    for name, element in sorted(keyed(for_each, key, evaluate(for_each, env.scope)).items()):
        yield name, env.bind(alias, element)


def keyed(for_each: str, key: str, found: Value) -> dict[str, Value]:
    """The elements of a list by their key; an element that is not a mapping is its own key."""
    if found is None:
        return {}
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise PlanningError(f"{for_each} is not a list that could be looped over")
    result: dict[str, Value] = {}
    for element in found:
        name = _key(for_each, key, element)
        if name in result:
            raise PlanningError(f"two elements of {for_each} have the {key} {name}")
        result[name] = element
    return result


def _key(for_each: str, key: str, element: Any) -> str:
    value = element.get(key) if isinstance(element, Mapping) else element
    if value is None or value == "":
        raise PlanningError(f"an element of {for_each} has no {key}")
    return str(value)

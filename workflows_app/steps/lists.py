"""Lists of records inside one effect: the lines of an estimate, the lines of a document."""

from typing import Any

from workflows_app.contracts.expressions import evaluate
from workflows_app.contracts.operations import Sublist
from workflows_app.steps.base import PlanEnv


def records(part: Sublist, env: PlanEnv) -> list[dict[str, Any]]:
    """One record per element, in the order of the list, numbered `line: 1..n`; a NULL list has none."""
    found = evaluate(part.for_each, env.scope) or []
    return [
        {"line": number, **env.bind(part.as_, element).value(part.record)}
        for number, element in enumerate(found, start=1)
    ]

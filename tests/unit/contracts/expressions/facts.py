"""An expression environment of plain facts, with the interface of the real scope and a memory of what it was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from workflows_app.contracts.expressions import EvaluationError, Value, evaluate, walk

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@dataclass
class Facts:
    """Names and their values; `columns` holds what stands in a mirror column, `aggregates` what an aggregate gives."""

    names: Mapping[str, Any] = field(default_factory=dict)
    now: datetime = NOW
    columns: Mapping[tuple[str, str], Sequence[Value]] = field(default_factory=dict)
    aggregated: Value = None
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def lookup(self, path: tuple[str, ...]) -> Value:
        if path[0] not in self.names:
            raise EvaluationError(f"{path[0]} is not a loop alias, a context entry or an input")
        return walk(self.names[path[0]], path[1:])

    def missing_from(self, values: Sequence[Value], table: str, column: str) -> list[Value]:
        self.asked.append((tuple(values), table, column))
        return [value for value in values if value not in self.columns[table, column]]

    def aggregate(self, function: str, table: str, column: str, where: Sequence[tuple[str, str, Value]]) -> Value:
        self.asked.append((function, table, column, tuple(where)))
        return self.aggregated


def facts(**names: Any) -> Facts:
    """An environment with these names."""
    return Facts(names=names)


def value(text: str, **names: Any) -> Any:
    """What an expression is in an environment with these names."""
    return evaluate(text, facts(**names))


def refused(text: str, **names: Any) -> str:
    """Why an expression has no value in an environment with these names."""
    with pytest.raises(EvaluationError) as caught:
        evaluate(text, facts(**names))
    return str(caught.value)

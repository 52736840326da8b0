"""What the names of an expression mean while a run is read, planned or verified."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from workflows_app.contracts.expressions import EvaluationError, Value, walk
from workflows_app.reading import lookups

_ROOTS = ("inputs", "run", "steps", "was")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """An expression environment. Bare names resolve to a loop alias, then a context entry, then an input.

    `now` is the moment of this reading (queries, `ago`); `run` has `id` and `started_at`. `steps` maps a step to its
    operations (`steps.<step>.<operation>.id`) and to `items`, the number of items it planned.
    """

    now: datetime
    inputs: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)
    steps: Mapping[str, Any] = field(default_factory=dict)
    aliases: Mapping[str, Any] = field(default_factory=dict)
    was: Any = None

    def lookup(self, path: tuple[str, ...]) -> Value:
        """The value of a dotted name. Raises `EvaluationError` for a name that is nowhere."""
        return walk(self._root(path[0]), path[1:])

    def _root(self, name: str) -> Value:
        for names in (self.aliases, self.context, self.inputs):
            if name in names:
                return names[name]
        if name in _ROOTS:
            return getattr(self, name)
        raise EvaluationError(f"{name} is not a loop alias, a context entry or an input")

    def bind(self, alias: str, value: Value) -> "Scope":
        """The same scope with a loop alias added."""
        return replace(self, aliases={**self.aliases, alias: value})

    def missing_from(self, values: Sequence[Value], table: str, column: str) -> list[Value]:
        """Those of `values` that no row of the mirror has in `column`, with one query."""
        return lookups.missing_from(values, table, column)

    def aggregate(self, function: str, table: str, column: str, where: Sequence[tuple[str, str, Value]]) -> Value:
        """An aggregate over a mirror table, e.g. MAX(sync_log.completed_at WHERE sync_type = 'x')."""
        return lookups.aggregate(function, table, column, where)

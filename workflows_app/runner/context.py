"""The context phase: contract queries on the read-only path, and providers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from workflows_app.contracts.expressions import Value, evaluate
from workflows_app.contracts.schema import ContextEntry, Contract
from workflows_app.contracts.sql import compile_query
from workflows_app.models.catalog import tables as known_tables
from workflows_app.providers.registry import PROVIDERS
from workflows_app.reading.query import fetch
from workflows_app.reading.readonly import guard
from workflows_app.reading.scope import Scope

Edits = Sequence[Mapping[str, Any]]


def load_context(
    contract: Contract, scope: Scope, *, edits: Edits = (), only: Collection[str] | None = None
) -> dict[str, Value]:
    """Every context entry (or `only` these and what their parameters need) by name.

    Neighbouring queries share one read-only guard. Raises `ReadingError` and `EvaluationError`.
    """
    wanted = [entry for entry in contract.context if only is None or entry.name in only]
    for by_provider, group in groupby(wanted, key=lambda entry: entry.provider is not None):
        entries = list(group)
        scope = _provide(entries, scope, edits) if by_provider else _query(entries, scope)
    return dict(scope.context)


def _provide(entries: list[ContextEntry], scope: Scope, edits: Edits) -> Scope:
    for entry in entries:
        assert entry.provider is not None and isinstance(entry.params, dict)  # noqa: S101, PT018 the loader checked it
        params = {name: evaluate(text, scope) for name, text in entry.params.items()}
        mine = [edit for edit in edits if str(edit["item"]).startswith(f"{entry.name}:")]
        scope = _with(scope, entry.name, PROVIDERS[entry.provider].load(scope, params, mine))
    return scope


def _query(entries: list[ContextEntry], scope: Scope) -> Scope:
    with guard(sorted({table for entry in entries for table in entry.tables})) as cursor:
        for entry in entries:
            compiled = compile_query(entry.sql or "", tables=entry.tables, catalog=known_tables())
            values = [evaluate(text, scope) for text in entry.params]
            rows = fetch(compiled, values, scope.now, shape=entry.shape, group_by=entry.group_by, cursor=cursor)
            scope = _with(scope, entry.name, rows)
    return scope


def _with(scope: Scope, name: str, value: Value) -> Scope:
    return replace(scope, context={**scope.context, name: value})

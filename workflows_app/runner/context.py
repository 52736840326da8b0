"""The context phase: contract queries on the read-only path, and providers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from workflows_app.contracts.expressions import Value, evaluate, free_names
from workflows_app.contracts.schema import ContextEntry, Contract
from workflows_app.contracts.sql import compile_query
from workflows_app.models.catalog import tables as known_tables
from workflows_app.providers.registry import PROVIDERS
from workflows_app.reading.query import Question, fetch_together
from workflows_app.reading.scope import Scope

Edits = Sequence[Mapping[str, Any]]


def load_context(
    contract: Contract, scope: Scope, *, edits: Edits = (), only: Collection[str] | None = None
) -> dict[str, Value]:
    """Every context entry (or `only` these and what their parameters need) by name.

    Neighbouring queries are read behind one guard. Raises `ReadingError` and `EvaluationError`.
    """
    wanted = [entry for entry in contract.context if only is None or entry.name in only]
    for by_provider, group in groupby(wanted, key=lambda entry: entry.provider is not None):
        entries = list(group)
        scope = _provide(entries, scope, edits) if by_provider else _query(entries, scope)
    return dict(scope.context)


def every_row(entry: ContextEntry, scope: Scope) -> list[Mapping[str, Any]]:
    """All rows of an entry's query, of which `shape: one` gives the first. Raises what `load_context` raises."""
    rows: list[Mapping[str, Any]] = fetch_together([replace(_question(entry, scope), shape="all")], scope.now)[0]
    return rows


def _provide(entries: list[ContextEntry], scope: Scope, edits: Edits) -> Scope:
    for entry in entries:
        assert entry.provider is not None and isinstance(entry.params, dict)  # noqa: S101, PT018 the loader checked it
        params = {name: evaluate(text, scope) for name, text in entry.params.items()}
        mine = [edit for edit in edits if str(edit["item"]).startswith(f"{entry.name}:")]
        scope = _with(scope, entry.name, PROVIDERS[entry.provider].load(scope, params, mine))
    return scope


def _query(entries: list[ContextEntry], scope: Scope) -> Scope:
    while entries:
        ready = _independent(entries)
        entries = entries[len(ready) :]
        found = fetch_together([_question(entry, scope) for entry in ready], scope.now)
        named = {entry.name: rows for entry, rows in zip(ready, found, strict=True)}
        scope = replace(scope, context={**scope.context, **named})
    return scope


def _independent(entries: list[ContextEntry]) -> list[ContextEntry]:
    """The first entries, up to one whose parameters need another of them: these are read together."""
    names: set[str] = set()
    for position, entry in enumerate(entries):
        if names & {path[0] for text in entry.params for path in free_names(text)}:
            return entries[:position]
        names.add(entry.name)
    return entries


def _question(entry: ContextEntry, scope: Scope) -> Question:
    compiled = compile_query(entry.sql or "", tables=entry.tables, catalog=known_tables())
    values = [evaluate(text, scope) for text in entry.params]
    return Question(compiled=compiled, values=values, shape=entry.shape, group_by=entry.group_by)


def _with(scope: Scope, name: str, value: Value) -> Scope:
    return replace(scope, context={**scope.context, name: value})

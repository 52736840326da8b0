"""Checks of a run that continues another: what only rows of its own chain fail is a warning, all else blocks as ever.

A customer whom the first run added is not a duplicate of itself; one whom somebody else added meanwhile is. Read anew
with every reading of the run, so the card, the decision and the applying each find the other customer.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from workflows_app.contracts.expressions import EvaluationError, Value, free_names, is_true
from workflows_app.contracts.schema import ContextEntry, Contract
from workflows_app.contracts.sql.plain_rows import plain_columns
from workflows_app.effects.data import is_placeholder
from workflows_app.providers.registry import PROVIDERS
from workflows_app.reading.rows import matching
from workflows_app.reading.scope import Scope
from workflows_app.runner.context import every_row
from workflows_app.runner.preconditions import CheckResult
from workflows_app.runner.reuse import Inserted, Reuse

Row = Mapping[str, Any]

# What NetSuite answers when the row is pushed is no change by somebody else.
_CONFIRMED = frozenset({"ns_id", "lastmodifieddate"})
_MIXED = "does not give single rows with their id, so what this work inserted cannot be told from the rest"


class _NotOursError(Exception):
    """It is not certain that what an entry gives is ours alone; the message says why."""


def softened(checks: list[CheckResult], contract: Contract, scope: Scope, reuse: Reuse) -> list[CheckResult]:
    """The results, a block whose rule is TRUE without the rows that the chain inserted as a warning that says so.

    Where our rows cannot be told from others, or were changed since, the block stays and its detail says why. Raises
    `ReadingError`.
    """
    return [_softened(check, contract, scope, reuse) for check in checks] if reuse.inserted else checks


def _softened(check: CheckResult, contract: Contract, scope: Scope, reuse: Reuse) -> CheckResult:
    if check["passed"] or check["severity"] != "block":
        return check
    try:
        holds = is_true(check["rule"], _without_own(check["rule"], contract, scope, reuse.inserted))
    except EvaluationError:
        return check
    except _NotOursError as reason:
        return {**check, "detail": _also(check, str(reason))}
    said = "only rows that this work inserted itself are in its way"
    return {**check, "severity": "warn", "detail": _also(check, said)} if holds else check


def _also(check: CheckResult, said: str) -> str:
    return "; ".join(part for part in (check["detail"], said) if part)


def _without_own(rule: str, contract: Contract, scope: Scope, inserted: Inserted) -> Scope:
    """The scope, the context that a rule names without our rows."""
    names = {path[0] for path in free_names(rule)}
    others = {entry.name: _others(entry, scope, inserted) for entry in contract.context if entry.name in names}
    return replace(scope, context={**scope.context, **others})


def _others(entry: ContextEntry, scope: Scope, inserted: Inserted) -> Value:
    """What an entry gives without our rows. Raises `_NotOursError`."""
    value, tables = scope.context[entry.name], _tables(entry)
    if value in (None, []) or not inserted.keys() & set(tables):
        return value
    columns = _columns(entry)
    if not columns or len(tables) != 1:
        raise _NotOursError(f"{entry.name} {_MIXED}")
    single = entry.provider is None and entry.shape == "one"
    rows: list[Row] = every_row(entry, scope) if single else value  # behind the first row there may be another's
    ours = _ours(rows, tables[0], inserted, columns)
    left = [row for row in rows if row["id"] not in ours]
    return (left[0] if left else None) if single else left


def _tables(entry: ContextEntry) -> tuple[str, ...]:
    return entry.tables if entry.provider is None else PROVIDERS[entry.provider].spec.tables


def _columns(entry: ContextEntry) -> Collection[str]:
    """The columns on which the rows of an entry depend; none when our rows cannot be left out of it."""
    if entry.provider is not None:
        spec = PROVIDERS[entry.provider].spec
        return spec.columns if spec.key == "id" else ()
    return plain_columns(entry.sql or "") if entry.shape in ("one", "all") else ()


def _ours(rows: Collection[Row], table: str, inserted: Inserted, columns: Collection[str]) -> Collection[str]:
    """The ids of those that the chain inserted. Raises `_NotOursError` when one is not as the chain left it."""
    mine = {row["id"]: inserted[table][row["id"]] for row in rows if row["id"] in inserted[table]}
    stored = {row["id"]: row for row in matching(table, {"id": list(mine)})} if mine else {}
    for key, values in mine.items():
        if key not in stored or any(stored[key][name] != values[name] for name in _watched(values, columns)):
            raise _NotOursError(f"{key} in {table} was inserted by this work, but was changed since")
    return mine.keys()


def _watched(mine: Row, columns: Collection[str]) -> list[str]:
    named = mine.keys() if "*" in columns else mine.keys() & set(columns)
    return [name for name in named if name not in _CONFIRMED and not is_placeholder(mine[name])]

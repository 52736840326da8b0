"""`sql`: a query whose rows, or whose first value, must be as expected."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflows_app.checks.base import CheckNotExecutedError, Finding, VerifyKind, frozen_names, holds
from workflows_app.contracts.expressions import evaluate
from workflows_app.contracts.schema import Expression, VerifyCheck
from workflows_app.contracts.sql import compile_query
from workflows_app.contracts.sql.mentioned import mentioned_tables
from workflows_app.contracts.values import freeze, thaw
from workflows_app.models.catalog import tables
from workflows_app.reading.errors import ReadingError
from workflows_app.reading.query import fetch
from workflows_app.reading.scope import Scope

_FOUND = frozenset({"rows", "value"})
_SHOWN = 80


class SqlCheck(VerifyCheck):
    """`expect` speaks of `rows`, how many there are, and of `value`, the first column of the first row.

    `tables`: what the query may read; by default the tables that it names.
    """

    sql: str
    tables: tuple[str, ...] | None = None
    params: tuple[Expression, ...] = ()
    expect: Expression


class SqlKind(VerifyKind[SqlCheck]):
    """Reads on the read-only path, with the parameters of the run."""

    name = "sql"
    options = SqlCheck
    in_database = True

    def stage(self, check: SqlCheck, scope: Scope) -> dict[str, Any]:
        """The query with its parameters and what the names of `expect` mean now."""
        return {
            "sql": check.sql,
            "tables": list(check.tables or mentioned_tables(check.sql)),
            "params": [freeze(evaluate(param, scope)) for param in check.params],
            "expect": str(check.expect),
            "names": frozen_names(check.expect, _FOUND, scope),
        }

    def execute(self, spec: Mapping[str, Any], now: datetime) -> Finding:
        """Run the query and judge what it found."""
        compiled = compile_query(spec["sql"], tables=tuple(spec["tables"]), catalog=tables())
        try:
            rows = fetch(compiled, [thaw(param) for param in spec["params"]], now)
        except ReadingError as error:
            raise CheckNotExecutedError(str(error)) from error
        value = next(iter(rows[0].values()), None) if rows else None
        passed = holds(spec["expect"], spec["names"], {"rows": len(rows), "value": value}, now)
        return Finding(passed=passed, detail=_in_words(rows, value))


def _in_words(rows: list[dict[str, Any]], value: Any) -> str:
    count = f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
    return f"{count}, the first value is {str(value)[:_SHOWN]}" if rows else count

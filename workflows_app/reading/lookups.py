"""The two forms of the expression language that ask the database: `match`, and an aggregate over a mirror table.

Both are written as contract SQL, so that names and types are checked, and both databases answer alike.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from workflows_app.contracts.expressions import EvaluationError, Value
from workflows_app.contracts.sql import CompiledQuery, QueryError, compile_query
from workflows_app.models import catalog
from workflows_app.reading.errors import ReadingError
from workflows_app.reading.query import fetch

CHUNK = 500
_OPERATORS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})
# Nothing here depends on the clock; the compiled queries never ask for it.
_NO_CLOCK = datetime(1970, 1, 1, tzinfo=UTC)


def missing_from(values: Sequence[Value], table: str, column: str) -> list[Value]:
    """Those of `values`, each once and in their order, that no row of `table` has in `column`; NULL is always missing.

    One query for each 500 values. Raises `EvaluationError`.
    """
    compiled = _compile(f'SELECT DISTINCT "{column}" AS found FROM {table} WHERE "{column}" IN (?)', table)  # noqa: S608
    wanted = _distinct(values)
    found: set[Value] = set()
    for start in range(0, len(wanted), CHUNK):
        found.update(row["found"] for row in _fetch(compiled, [wanted[start : start + CHUNK]]))
    return [value for value in wanted if value not in found]


def aggregate(function: str, table: str, column: str, where: Sequence[tuple[str, str, Value]]) -> Value:
    """One aggregate over the rows of `table` that meet all of `where`, each a (column, operator, value).

    `column` may be `*` for COUNT. Raises `EvaluationError`.
    """
    conditions = " AND ".join(_condition(name, operator) for name, operator, _ in where)
    clause = f" WHERE {conditions}" if where else ""
    target = column if column == "*" else f'"{column}"'
    compiled = _compile(f"SELECT {function}({target}) AS result FROM {table}{clause}", table)  # noqa: S608
    return _fetch(compiled, [value for _, _, value in where])[0]["result"]


def _condition(column: str, operator: str) -> str:
    if operator not in _OPERATORS:
        raise EvaluationError(f"{operator} cannot be used inside an aggregate over a table")
    return f'"{column}" {operator} ?'


def _distinct(values: Sequence[Value]) -> list[Value]:
    try:
        return list(dict.fromkeys(values))
    except TypeError as error:
        raise EvaluationError("match needs a list of plain values, not of rows or lists") from error


def _compile(sql: str, table: str) -> CompiledQuery:
    try:
        return compile_query(sql, tables=(table,), catalog=catalog.tables())
    except QueryError as error:
        raise EvaluationError(str(error)) from error


def _fetch(compiled: CompiledQuery, values: Sequence[Value]) -> list[dict[str, Value]]:
    try:
        found: list[dict[str, Value]] = fetch(compiled, values, _NO_CLOCK)
    except ReadingError as error:
        raise EvaluationError(str(error)) from error
    return found

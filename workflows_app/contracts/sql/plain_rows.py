"""Queries of which each row stands for one row of one table, so that a row can be left out and hides no other."""

from functools import lru_cache

from sqlglot import exp

from workflows_app.contracts.sql.parse import parse

_GATHERS = (exp.Group, exp.Having, exp.Distinct, exp.AggFunc, exp.Window)
_CUTS = (exp.Limit, exp.Offset, exp.Fetch)


@lru_cache(maxsize=1024)
def plain_columns(sql: str) -> frozenset[str]:
    """The columns that a query names, `*` for all; none unless each row it gives is a row of one table with its `id`.

    Not plain: more than one SELECT or table, aggregates, groups, DISTINCT and LIMIT. Raises `QueryError` when it cannot
    be parsed.
    """
    statement = parse(sql)
    if len(list(statement.find_all(exp.Query))) > 1 or statement.find(exp.Join, *_GATHERS, *_CUTS):
        return frozenset()
    if not any(_gives_id(output) for output in statement.expressions):
        return frozenset()
    stars = {"*"} if statement.find(exp.Star) else set()
    return frozenset(stars | {column.name.lower() for column in statement.find_all(exp.Column)})


def _gives_id(output: exp.Expr) -> bool:
    """Whether it is the column `id` itself, or all columns; another column may be called so."""
    return isinstance(output, exp.Star) or (isinstance(output, exp.Column) and output.name in ("id", "*"))

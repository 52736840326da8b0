"""The tables that a text names, for queries that do not declare them (verify checks)."""

from functools import lru_cache

from sqlglot import exp

from workflows_app.contracts.sql.parse import parse


@lru_cache(maxsize=1024)
def mentioned_tables(sql: str) -> tuple[str, ...]:
    """Every table name in `sql`, known or not, in alphabetical order and small letters.

    Raises `QueryError` when it cannot be parsed.
    """
    statement = parse(sql)
    named = {cte.alias.lower() for cte in statement.find_all(exp.CTE)}
    tables = {table.name.lower() for table in statement.find_all(exp.Table)}
    return tuple(sorted(tables - named - {""}))

"""Contract SQL (DESIGN.md section 4): one plain SELECT in SQLite's dialect, made to mean the same on PostgreSQL.

The text is parsed by sqlglot and read by a closed table of handlers (`reader`), which know the type of every expression
and write both databases' SQL themselves. What no handler knows is refused, so nothing passes that was not understood.
"""

from workflows_app.contracts.sql.compiled import CompiledQuery, Parameter, compile_query
from workflows_app.contracts.sql.errors import BindError, Problem, QueryError
from workflows_app.contracts.sql.query import ROW_CAP

__all__ = ["ROW_CAP", "BindError", "CompiledQuery", "Parameter", "Problem", "QueryError", "compile_query"]

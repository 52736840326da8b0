"""From text to sqlglot's tree, with positions."""

from sqlglot import exp
from sqlglot.dialects.sqlite import SQLite
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.parsers.sqlite import SQLiteParser
from sqlglot.tokenizer_core import TokenType

from workflows_app.contracts.sql.errors import Problem, QueryError

MAX_LENGTH = 20_000


def _placeholder(parser: SQLiteParser) -> exp.Placeholder:
    """A `?` that remembers where it stands; sqlglot's own forgets."""
    node = exp.Placeholder()
    node.meta["start"] = parser._prev.start
    return node


class _Parser(SQLiteParser):
    PLACEHOLDER_PARSERS = {**SQLiteParser.PLACEHOLDER_PARSERS, TokenType.PLACEHOLDER: _placeholder}

    def _warn_unsupported(self) -> None:
        """Say nothing: a statement that sqlglot only half knows is refused later, with a better message."""


def parse(sql: str) -> exp.Expr:
    """The one statement of `sql`. Raises `QueryError`."""
    if len(sql) > MAX_LENGTH or "\x00" in sql:
        raise QueryError([Problem(f"the query is longer than {MAX_LENGTH} characters or has a NUL character", 1, 1)])
    try:
        statements = _Parser(dialect="sqlite").parse(SQLite().tokenize(sql), sql)
    except ParseError as error:
        raise QueryError([_problem(details) for details in error.errors] or [Problem(str(error), 1, 1)]) from error
    except (SqlglotError, RecursionError) as error:
        message = "the query is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise QueryError([Problem(message, 1, 1)]) from error
    found = [statement for statement in statements if statement is not None]
    if len(found) != 1:
        raise QueryError([Problem(f"needs exactly one SELECT, not {len(found)} statements", 1, 1)])
    if not isinstance(found[0], exp.Select | exp.Union):
        raise QueryError([Problem("needs a SELECT and nothing else", 1, 1)])
    return found[0]


def _problem(details: dict[str, object]) -> Problem:
    line, column = details.get("line"), details.get("col")
    highlight = str(details.get("highlight") or "")
    place = (line, max(1, column - len(highlight) + 1)) if isinstance(line, int) and isinstance(column, int) else (1, 1)
    return Problem(f"cannot be read as SQL: {details.get('description')} near {highlight!r}", *place)


def position(node: exp.Expr, sql: str) -> tuple[int, int]:
    """Line and column at which `node` begins, both from 1."""
    starts = [found.meta["start"] for found in node.walk() if isinstance(found.meta.get("start"), int)]
    start = min(starts, default=0)
    return sql.count("\n", 0, start) + 1, start - sql.rfind("\n", 0, start)

"""What can be wrong with contract SQL: at load, and when values are bound."""

from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong, and where in the SQL text; `line` and `column` count from 1."""

    message: str
    line: int
    column: int


class QueryError(ValueError):
    """The text is not one plain SELECT that means the same on both databases. `problems` lists all that was found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems), key=lambda problem: (problem.line, problem.column, problem.message))
        super().__init__("; ".join(problem.message for problem in self.problems))


class BindError(ValueError):
    """A value does not fit the place of its `?`; the message says which one and why."""

"""Reads sqlglot's tree into fragments by a closed table of handlers; a node that no handler knows is refused."""

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlglot import exp

from workflows_app.contracts.catalog import Table
from workflows_app.contracts.sql.errors import Problem
from workflows_app.contracts.sql.fragments import Fragment, text
from workflows_app.contracts.sql.parse import position
from workflows_app.contracts.sql.query import Query
from workflows_app.contracts.sql.scope import Scope

UNKNOWN = text("NULL")
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class Handler(NamedTuple):
    """How one kind of node is read, and which of its arguments that covers; any other argument is a problem."""

    read: "Callable[[Reader, Any, Scope], Fragment]"
    arguments: frozenset[str]


def handler(read: "Callable[[Reader, Any, Scope], Fragment]", *arguments: str) -> Handler:
    """A handler that covers `arguments`."""
    return Handler(read, frozenset(arguments))


@dataclass(kw_only=True)
class Reader:
    """One reading of one text. Problems are collected, so that all of them are reported at once."""

    sql: str
    catalog: Mapping[str, Table]
    declared: frozenset[str]
    handlers: Mapping[type[exp.Expr], Handler]
    read_query: "Callable[[Reader, exp.Expr, Scope], Query]"
    starts: tuple[int, ...]
    problems: list[Problem] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    serials: "itertools.count[int]" = field(default_factory=itertools.count)

    def problem(self, node: exp.Expr, message: str) -> Fragment:
        """Note what is wrong with `node`; the fragment fits everywhere, so that reading can go on."""
        self.problems.append(Problem(message, *position(node, self.sql)))
        return UNKNOWN

    def expression(self, node: exp.Expr, scope: Scope) -> Fragment:
        """One expression of any type."""
        found = self.handlers.get(type(node))
        if found is None:
            return self.problem(node, f"{_words(node)} is not allowed in contract SQL")
        if not self.covers(node, found.arguments):
            return UNKNOWN
        return found.read(self, node, scope)

    def condition(self, node: exp.Expr, scope: Scope) -> Fragment:
        """An expression that is TRUE, FALSE or NULL."""
        found = self.expression(node, scope)
        if found.kind not in (None, "boolean"):
            return self.problem(node, f"a condition must be TRUE or FALSE, this is {found.kind}")
        return found

    def query(self, node: exp.Expr, scope: Scope) -> Query:
        """A subquery that sees the names of `scope`."""
        return self.read_query(self, node, scope)

    def covers(self, node: exp.Expr, arguments: frozenset[str]) -> bool:
        """Whether `node` says nothing beyond `arguments`; what we do not read must not be dropped in silence."""
        extra = [name for name, value in node.args.items() if value not in (None, False, []) and name not in arguments]
        if extra:
            self.problem(node, f"{_words(node)} with {', '.join(extra).strip('_')} is not allowed in contract SQL")
        return not extra

    def index(self, node: exp.Placeholder) -> int:
        """Which `?` of the text this is, from 0."""
        return self.starts.index(node.meta["start"])

    def name(self, node: exp.Expr) -> str:
        """The plain name of an identifier: lower case, as SQL folds it, unless it is quoted."""
        if not isinstance(node, exp.Identifier):
            self.problem(node, f"{_words(node)} cannot stand where a name is needed")
            return ""
        name = node.name if node.quoted else node.name.lower()
        if not _NAME.fullmatch(name):
            self.problem(node, f"{name!r} is not a plain name (small letters, digits and _)")
            return ""
        return name


def _words(node: exp.Expr) -> str:
    """What to call a node in a message: the function's name or SQL's word for it."""
    if isinstance(node, exp.Anonymous):
        return f"the function {node.name.lower()}"
    return type(node).__name__.upper()

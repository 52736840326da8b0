"""A SELECT in brackets as a value."""

from sqlglot import exp

from workflows_app.contracts.sql.fragments import Fragment, compose
from workflows_app.contracts.sql.reader import Handler, Reader, handler
from workflows_app.contracts.sql.scope import Scope


def _scalar(reader: Reader, node: exp.Subquery, scope: Scope) -> Fragment:
    query = reader.query(node.this, scope)
    if len(query.columns) != 1 or not query.single:
        return reader.problem(
            node, "a subquery used as a value must have one column and one row (an aggregate or LIMIT 1)"
        )
    return compose(next(iter(query.columns.values())), "({0})", query.body)


HANDLERS: dict[type[exp.Expr], Handler] = {exp.Subquery: handler(_scalar, "this")}

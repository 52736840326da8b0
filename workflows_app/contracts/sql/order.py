"""ORDER BY that means the same on both databases: NULL as the smallest value, text by code point."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from workflows_app.contracts.sql.fragments import Fragment, compose
from workflows_app.contracts.sql.reader import Reader
from workflows_app.contracts.sql.types import collated


@dataclass(frozen=True, kw_only=True)
class Term:
    """One expression to order by: what it is, and the node it came from."""

    value: Fragment
    node: exp.Expr
    descending: bool = False
    nulls_first: bool = True

    @property
    def sql(self) -> Fragment:
        """The term for both databases."""
        direction = "DESC" if self.descending else "ASC"
        nulls = "FIRST" if self.nulls_first else "LAST"
        return compose(None, f"{{0}} {direction} NULLS {nulls}", collated(self.value))


def order_terms(reader: Reader, order: exp.Order, read: Callable[[exp.Expr], Fragment]) -> list[Term]:
    """The terms of an ORDER BY clause; a constant orders nothing and is left out."""
    terms = []
    for item in order.expressions if reader.covers(order, frozenset({"expressions"})) else []:
        if not isinstance(item, exp.Ordered) or not reader.covers(item, frozenset({"this", "desc", "nulls_first"})):
            continue
        value = read(item.this)
        if value.constant is None:
            first = bool(item.args.get("nulls_first"))
            terms.append(Term(value=value, node=item, descending=bool(item.args.get("desc")), nulls_first=first))
    return terms

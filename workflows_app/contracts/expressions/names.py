"""Which names, tables and columns an expression uses."""

from collections.abc import Iterator
from functools import lru_cache

from workflows_app.contracts.expressions import nodes
from workflows_app.contracts.expressions.nodes import Node, Test
from workflows_app.contracts.expressions.parser import parse


@lru_cache(maxsize=4096)
def free_names(text: str) -> frozenset[tuple[str, ...]]:
    """The dotted names that an expression looks up. Raises `ExpressionError`."""
    return frozenset(node.path for node in _every_node(text) if isinstance(node, nodes.Name))


def references(text: str) -> set[tuple[str, str]]:
    """The (table, column) pairs that `match` and the aggregates of an expression read. Raises `ExpressionError`."""
    found: set[tuple[str, str]] = set()
    for node in _every_node(text):
        if isinstance(node, nodes.EveryMatch):
            found.add((node.table, node.column))
        if isinstance(node, nodes.Aggregate):
            found.add((node.table, node.column))
            found.update((node.table, condition.column.rpartition(".")[2]) for condition in node.where)
    return found


def _every_node(text: str) -> Iterator[Node | Test]:
    pending: list[Node | Test] = [parse(text)]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(node.children)

"""The result columns of a SELECT: what they are called and what they are."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from workflows_app.contracts.sql.fragments import Fragment, compose
from workflows_app.contracts.sql.reader import Reader
from workflows_app.contracts.sql.scope import Scope, Source
from workflows_app.contracts.sql.slots import ParameterSlot


@dataclass(frozen=True, kw_only=True)
class Output:
    """One result column."""

    name: str
    value: Fragment
    node: exp.Expr

    @property
    def sql(self) -> Fragment:
        """The column with its name, which is the same on both databases."""
        return compose(None, f'{{0}} AS "{self.name}"', self.value)


def read_outputs(reader: Reader, node: exp.Select, scope: Scope) -> list[Output]:
    """The result columns in order, with `*` spelled out."""
    found = [output for n, item in enumerate(node.expressions) for output in _expand(reader, item, scope, n + 1)]
    seen: set[str] = set()
    for output in found:
        if output.name in seen:
            reader.problem(output.node, f"two result columns are called {output.name}; name one of them with AS")
        seen.add(output.name)
    return found


def _expand(reader: Reader, item: exp.Expr, scope: Scope, number: int) -> Iterator[Output]:
    if isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star)):
        yield from _star(reader, item, scope)
        return
    name = _name(reader, item, number)
    inner = item.this if isinstance(item, exp.Alias) else item
    value = reader.expression(inner, scope)
    if isinstance(value.slot, ParameterSlot) and value.slot.kind is None:
        reader.problem(item, "the type of this ? is not known; write CAST(? AS TEXT), INTEGER or DECIMAL")
    yield Output(name=name, value=value, node=item)


def _star(reader: Reader, item: exp.Expr, scope: Scope) -> Iterator[Output]:
    for source in _starred(reader, item, scope):
        for name in source.columns:
            yield Output(name=name, value=source.column(name), node=item)


def _starred(reader: Reader, item: exp.Expr, scope: Scope) -> list[Source]:
    star = item.this if isinstance(item, exp.Column) else item
    if not reader.covers(star, frozenset()):
        return []
    if not isinstance(item, exp.Column):
        return list(scope.sources.values())
    table = reader.name(item.args["table"])
    if table not in scope.sources:
        reader.problem(item, f"{table} is neither a table of this query nor a name given to one")
        return []
    return [scope.sources[table]]


def _name(reader: Reader, item: exp.Expr, number: int) -> str:
    """What SQL would call the column: its AS, its own name, or that of the function."""
    if isinstance(item, exp.Alias):
        reader.covers(item, frozenset({"this", "alias"}))
        return reader.name(item.args["alias"])
    if isinstance(item, exp.Column):
        return reader.name(item.this)
    return item.key if isinstance(item, exp.Func) and not isinstance(item, exp.Anonymous) else f"column{number}"

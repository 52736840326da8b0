"""GROUP BY and HAVING. A column that is neither grouped nor aggregated has no one value, so it is a problem."""

from collections.abc import Iterable, Sequence

from sqlglot import exp

from workflows_app.contracts.sql.fragments import Fragment
from workflows_app.contracts.sql.outputs import Output
from workflows_app.contracts.sql.reader import Reader
from workflows_app.contracts.sql.scope import Scope


def read_group(reader: Reader, node: exp.Select, scope: Scope, outputs: Sequence[Output]) -> list[Fragment]:
    """The expressions of GROUP BY; a name means a column before it means a result column."""
    clause = node.args.get("group")
    if clause is None or not reader.covers(clause, frozenset({"expressions"})):
        return []
    found = []
    for item in clause.expressions:
        value = positioned(item, outputs) or reader.expression(item, scope)
        if value.aggregate or value.window or value.constant is not None or value.slot is not None:
            reader.problem(item, "GROUP BY takes columns and expressions of columns")
        found.append(value)
    return found


def positioned(item: exp.Expr, outputs: Sequence[Output]) -> Fragment | None:
    """The result column that a number in GROUP BY or ORDER BY points at."""
    if isinstance(item, exp.Literal) and item.is_int and 1 <= int(item.this) <= len(outputs):
        return outputs[int(item.this) - 1].value
    return None


def read_having(reader: Reader, node: exp.Select, scope: Scope) -> Fragment | None:
    """The HAVING condition."""
    clause = node.args.get("having")
    if clause is None:
        return None
    if node.args.get("group") is None:
        return reader.problem(clause, "HAVING needs GROUP BY")
    return reader.condition(clause.this, scope)


def check_grouped(
    reader: Reader, scope: Scope, group: Sequence[Fragment], parts: Iterable[tuple[exp.Expr, Fragment]]
) -> None:
    """Note each part that uses a column which is neither in `group` nor inside an aggregate."""
    whole = {value.sqlite for value in group}
    grouped = frozenset().union(*(value.loose for value in group if len(value.loose) == 1 and _is_column(value)))
    own = {str(source.serial) for source in scope.sources.values()}
    for node, value in parts:
        free = {place for place in value.loose - grouped if place.partition(".")[0] in own}
        if free and value.sqlite not in whole:
            names = ", ".join(sorted(place.partition(".")[2] for place in free))
            reader.problem(node, f"{names} must stand in GROUP BY or inside an aggregate")
        if value.window:
            reader.problem(node, "a window in a grouped query is not allowed; use a subquery")


def _is_column(value: Fragment) -> bool:
    (piece, *rest) = value.sqlite
    return not rest and isinstance(piece, str) and piece.startswith('"') and piece.count('"') == 4

"""Why a rule did not hold, in words: the values of its names, and what `match` did not find."""

from collections.abc import Iterator, Mapping

from workflows_app.contracts.expressions import nodes
from workflows_app.contracts.expressions.evaluator import evaluate
from workflows_app.contracts.expressions.parser import parse
from workflows_app.contracts.expressions.values import Env, EvaluationError, Value, flat

_MOST = 5


def explain(text: str, env: Env) -> str:
    """One sentence with the values that the rule saw. Raises `ExpressionError`, never `EvaluationError`."""
    try:
        return "; ".join(dict.fromkeys(_findings(parse(text), env)))
    except EvaluationError as error:
        return str(error)


def _findings(node: "nodes.Node | nodes.Test", env: Env) -> Iterator[str]:
    if isinstance(node, nodes.EveryMatch):
        missing = env.missing_from(flat(evaluate(node.operand, env)), node.table, node.column)
        yield f"not in {node.table}.{node.column}: {_listed(missing)}" if missing else f"{node.operand.text} is empty"
    elif isinstance(node, nodes.Every):
        yield f"{node.operand.text}: {_elements(node.operand, env)}"
    elif isinstance(node, nodes.Name):
        yield f"{node.text} is {_shown(env.lookup(node.path))}"
    elif isinstance(node, nodes.Aggregate):
        yield f"{node.function.lower()} of {node.table}.{node.column} is {_shown(evaluate(node, env))}"
    else:
        for child in node.children:
            yield from _findings(child, env)


def _elements(name: nodes.Name, env: Env) -> str:
    """The tested value of each element, after the first column of its row, which names it."""
    rows, values = env.lookup(name.path[:1]), env.lookup(name.path)
    if not isinstance(rows, list) or not rows:
        return "there is none"
    return _listed(
        [f"{next(iter(row.values()))} {_shown(value)}" for row, value in zip(rows, values, strict=True)]
        if isinstance(rows[0], Mapping)
        else values
    )


def _listed(values: list[Value]) -> str:
    more = f" and {len(values) - _MOST} more" if len(values) > _MOST else ""
    return ", ".join(str(value) for value in values[:_MOST]) + more


def _shown(value: Value) -> str:
    if value is None:
        return "empty"
    if isinstance(value, Mapping):
        return f"there ({_shown(next(iter(value.values()), None))})"
    return f"{len(value)} rows" if isinstance(value, list) else str(value)

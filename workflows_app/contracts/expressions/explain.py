"""Why a rule did not hold, in words: the values of its names, the elements that fail, what `match` did not find."""

from collections.abc import Iterator, Mapping, Sequence

from workflows_app.contracts.expressions import nodes
from workflows_app.contracts.expressions.evaluator import TOO_LARGE, evaluate, failing, listed
from workflows_app.contracts.expressions.parser import parse
from workflows_app.contracts.expressions.values import Env, EvaluationError, Value

_MOST = 5  # elements named; the rest is counted


def explain(text: str, env: Env) -> str:
    """One sentence with the values that the rule saw. Raises `ExpressionError`, never `EvaluationError`."""
    try:
        return "; ".join(dict.fromkeys(_findings(parse(text), env)))
    except EvaluationError as error:
        return str(error)
    except ArithmeticError:
        return TOO_LARGE


def _findings(node: nodes.Node | nodes.Test, env: Env) -> Iterator[str]:
    if isinstance(node, nodes.EveryMatch):
        yield _unmatched(node, env)
    elif isinstance(node, nodes.Every):
        yield _failed(node, env)
    elif isinstance(node, nodes.Name):
        yield f"{node.text} is {_shown(env.lookup(node.path))}"
    elif isinstance(node, nodes.Aggregate):
        yield f"{node.function.lower()} of {node.table}.{node.column} is {_shown(evaluate(node, env))}"
    else:
        for child in node.children:
            yield from _findings(child, env)


def _unmatched(node: nodes.EveryMatch, env: Env) -> str:
    elements = listed(node, env)
    if not elements:
        return f"{node.operand.text} is empty"
    known = [element for element in elements if element is not None]
    missing = [None] * (len(elements) - len(known)) + env.missing_from(known, node.table, node.column)
    if not missing:
        return f"all of {node.operand.text} are in {node.table}.{node.column}"
    return f"not in {node.table}.{node.column}: {_enumerated([_shown(value) for value in missing])}"


def _failed(node: nodes.Every, env: Env) -> str:
    """The elements that do not pass, each after the first column of its row, which names it."""
    elements, name = listed(node, env), node.operand.text
    if not elements:
        return f"{name}: there is none"
    labels = _labels(node.operand, len(elements), env)
    found = [f"{labels[index]}{_shown(elements[index])}" for index in failing(node, env)]
    return f"{name}: {_enumerated(found)}" if found else f"all of {name} hold"


def _labels(name: nodes.Name, count: int, env: Env) -> list[str]:
    rows = env.lookup(name.path[:-1]) if len(name.path) > 1 else None
    if not isinstance(rows, list) or len(rows) != count:
        return [""] * count
    return [f"{_shown(next(iter(row.values())))} " if isinstance(row, Mapping) and row else "" for row in rows]


def _enumerated(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _MOST} more" if len(texts) > _MOST else ""
    return ", ".join(texts[:_MOST]) + more


def _shown(value: Value) -> str:
    if value is None:
        return "empty"
    if isinstance(value, Mapping):
        return f"there ({_shown(next(iter(value.values()), None))})"
    return f"{len(value)} elements" if isinstance(value, list) else str(value)

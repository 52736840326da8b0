"""The static check of function calls: what arguments a function takes, and the type of what it gives."""

from collections.abc import Mapping

from workflows_app.contracts.expressions import nodes, types
from workflows_app.contracts.expressions.findings import Findings
from workflows_app.contracts.expressions.functions import Function, age, moment_of, span
from workflows_app.contracts.expressions.nodes import Node
from workflows_app.contracts.expressions.types import Type
from workflows_app.contracts.expressions.values import NOUNS, EvaluationError

_TAKES: Mapping[str, frozenset[str]] = {
    "list": frozenset({"list"}),
    "text": frozenset({"text"}),
    "number": frozenset({"number"}),
    "moment": frozenset({"moment", "text"}),
}
_RETURNS: Mapping[str, Type] = {
    "integer": types.INTEGER,
    "text": types.TEXT,
    "pattern": types.PATTERN,
    "datetime": types.DATETIME,
    "date": types.DATE,
}


def check_arguments(node: nodes.Call, function: Function, given: list[Type], findings: Findings) -> None:
    """Every argument of the call is of a kind that the function takes."""
    for position, (argument, found) in enumerate(zip(node.arguments, given, strict=True)):
        takes = _TAKES["text"] if position and function.takes == "moment" else _TAKES.get(function.takes)
        if takes:
            findings.needs(takes, found, f"{node.function}()", argument.offset)
        _check_written(node.function, position, argument, findings)
    if function.returns == "element":
        _check_elements(node, given[0].elements, findings)
    if function.returns == "first":
        _check_alike(node, given, findings)


def _check_elements(node: nodes.Call, element: Type, findings: Findings) -> None:
    """Only numbers add up, and rows have no order."""
    if node.function == "sum":
        findings.needs({"number"}, element, "sum()", node.offset)
    elif element.kind == "row":
        findings.problem(f"{node.function}() cannot compare rows", node.offset)


def _check_alike(node: nodes.Call, given: list[Type], findings: Findings) -> None:
    """The arguments of `coalesce` are of one family; a list or a row may stand there too."""
    families = {found.family for found in given if found.family}
    if len(families) > 1:
        kinds = " and ".join(NOUNS[family] for family in sorted(families))
        findings.problem(f"{node.function}() is given values of different kinds: {kinds}", node.offset)


def _check_written(name: str, position: int, argument: Node, findings: Findings) -> None:
    """A time span or a date that is written out is read already now."""
    if not isinstance(argument, nodes.Literal) or not isinstance(argument.value, str):
        return
    try:
        if name == "ago":
            age(argument.value)
        if name in ("date", "datetime") and position == 1:
            span(argument.value)
        elif name in ("date", "datetime") and argument.value != "now":
            moment_of(argument.value)
    except EvaluationError as error:
        findings.problem(str(error), argument.offset)


def returned(function: Function, given: list[Type]) -> Type:
    """The type of what the function gives for arguments of these types."""
    if function.returns == "element":
        return given[0].elements
    if function.returns == "first":
        return _common(given)
    if function.returns == "list":
        return types.list_of(_common(given))
    return _RETURNS[function.returns]


def _common(given: list[Type]) -> Type:
    """The one type of several; of integers and decimals the decimal, otherwise unknown when they differ."""
    known = [found for found in given if found.kind != "null"]
    if known and all(found == known[0] for found in known):
        return known[0]
    if known and all(found.family == "number" for found in known):
        return types.DECIMAL
    return types.UNKNOWN

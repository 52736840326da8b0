"""The static check of an expression: the type it has, and everything that cannot work, found before any run.

What is not known is not complained about: an unknown type fits everywhere, and so does NULL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch

from workflows_app.contracts.expressions import nodes, types
from workflows_app.contracts.expressions.findings import Findings, meant, noun
from workflows_app.contracts.expressions.functions import FUNCTIONS
from workflows_app.contracts.expressions.nodes import Node, Test
from workflows_app.contracts.expressions.parser import parse
from workflows_app.contracts.expressions.signatures import check_arguments, returned
from workflows_app.contracts.expressions.types import Type, TypeScope


@dataclass(frozen=True, kw_only=True)
class InferResult:
    """The type of an expression and its problems, each with the 0-based character where it stands."""

    type: Type
    problems: tuple[tuple[str, int], ...]


def infer(text: str, scope: TypeScope) -> InferResult:
    """Check an expression without evaluating it. Raises `ExpressionError` when it does not parse."""
    findings = Findings(scope=scope)
    found = _type(parse(text), findings)
    return InferResult(type=found, problems=tuple(sorted(findings.problems, key=lambda problem: problem[1])))


# --- names ----------------------------------------------------------------------------------------------------------


@singledispatch
def _type(node: Node, findings: Findings) -> Type:
    raise NotImplementedError(type(node).__name__)


@_type.register
def _literal(node: nodes.Literal, findings: Findings) -> Type:
    return _LITERALS[type(node.value).__name__]


_LITERALS: Mapping[str, Type] = {
    "NoneType": types.NULL,
    "bool": types.BOOLEAN,
    "int": types.INTEGER,
    "Decimal": types.DECIMAL,
    "str": types.TEXT,
}


@_type.register
def _name(node: nodes.Name, findings: Findings) -> Type:
    root = node.path[0]
    names = findings.scope.names
    if root not in names:
        return findings.problem(
            f"{root} is not a loop alias, a context entry or an input{meant(root, names)}", node.offset
        )
    return _walk(names[root], node, 1, findings)


def _walk(found: Type, node: nodes.Name, index: int, findings: Findings) -> Type:
    """The type of the rest of a dotted name; a list projects."""
    if index == len(node.path) or found.kind in ("unknown", "null"):
        return found
    if found.kind == "list":
        return types.list_of(_walk(found.element or types.UNKNOWN, node, index, findings))
    name, whole = node.path[index], ".".join(node.path[:index])
    if found.kind != "row":
        return findings.problem(f"{whole} is {noun(found)} and has no attribute {name}", node.offset)
    if found.columns is None:
        return types.UNKNOWN
    if name not in found.columns:
        return findings.problem(f"{whole} has no {name}{meant(name, found.columns)}", node.offset)
    return _walk(found.columns[name], node, index + 1, findings)


# --- logic and arithmetic -------------------------------------------------------------------------------------------


@_type.register
def _junction(node: nodes.Junction, findings: Findings) -> Type:
    for part in node.parts:
        findings.needs({"boolean"}, _type(part, findings), "AND" if node.conjunction else "OR", part.offset)
    return types.BOOLEAN


@_type.register
def _not(node: nodes.Not, findings: Findings) -> Type:
    findings.needs({"boolean"}, _type(node.operand, findings), "NOT", node.offset)
    return types.BOOLEAN


@_type.register
def _arithmetic(node: nodes.Arithmetic, findings: Findings) -> Type:
    kinds = set()
    for side in (node.left, node.right):
        found = _type(side, findings)
        findings.needs({"number"}, found, node.operator, side.offset)
        kinds.add(found.kind)
    if node.operator == "/" or "decimal" in kinds:
        return types.DECIMAL
    return types.INTEGER if kinds == {"integer"} else types.UNKNOWN


@_type.register
def _negative(node: nodes.Negative, findings: Findings) -> Type:
    found = _type(node.operand, findings)
    findings.needs({"number"}, found, "-", node.offset)
    return found if found.family == "number" else types.UNKNOWN


# --- functions and aggregates ---------------------------------------------------------------------------------------


@_type.register
def _call(node: nodes.Call, findings: Findings) -> Type:
    given = [_type(argument, findings) for argument in node.arguments]
    function = FUNCTIONS.get(node.function)
    if function is None:
        return findings.problem(f"there is no function {node.function}(){meant(node.function, FUNCTIONS)}", node.offset)
    problem = function.count_problem(node.function, len(given))
    if problem:
        return findings.problem(problem, node.offset)
    check_arguments(node, function, given, findings)
    return returned(function, given)


@_type.register
def _aggregate(node: nodes.Aggregate, findings: Findings) -> Type:
    found = findings.column(node.table, node.column, node.offset)
    for condition in node.where:
        if node.table in findings.scope.tables:
            column = findings.column(node.table, condition.column.rpartition(".")[2], condition.offset)
            findings.comparable(column, _type(condition.value, findings), condition.offset)
    if node.function == "SUM":
        findings.needs({"number"}, found, "SUM", node.offset)
    return types.INTEGER if node.function == "COUNT" else found


# --- predicates -----------------------------------------------------------------------------------------------------


@_type.register
def _check_node(node: nodes.Check, findings: Findings) -> Type:
    _test(node.test, _type(node.operand, findings), findings)
    return types.BOOLEAN


@_type.register
def _every(node: nodes.Every, findings: Findings) -> Type:
    _test(node.test, _listed(node.operand, findings), findings)
    return types.BOOLEAN


@_type.register
def _every_match(node: nodes.EveryMatch, findings: Findings) -> Type:
    column = findings.column(node.table, node.column, node.offset)
    findings.comparable(_listed(node.operand, findings), column, node.offset)
    return types.BOOLEAN


def _listed(operand: nodes.Name, findings: Findings) -> Type:
    found = _type(operand, findings)
    findings.needs({"list"}, found, "all", operand.offset)
    return found.elements


@singledispatch
def _test(test: Test, operand: Type, findings: Findings) -> None:
    raise NotImplementedError(type(test).__name__)


@_test.register
def _comparison(test: nodes.Comparison, operand: Type, findings: Findings) -> None:
    findings.comparable(operand, _type(test.right, findings), test.offset)


@_test.register
def _is_null(test: nodes.IsNull, operand: Type, findings: Findings) -> None:
    """Anything may be NULL."""


@_test.register
def _like(test: nodes.Like, operand: Type, findings: Findings) -> None:
    for side in (operand, _type(test.pattern, findings)):
        findings.needs({"text"}, side, "LIKE", test.offset)
    written = test.pattern.value if isinstance(test.pattern, nodes.Literal) else None
    if isinstance(written, str) and (len(written) - len(written.rstrip("\\"))) % 2:
        findings.problem("a pattern cannot end with a single \\, which escapes the next character", test.pattern.offset)


@_test.register
def _in(test: nodes.In, operand: Type, findings: Findings) -> None:
    for member in test.members:
        found = _type(member, findings)
        if test.listed or found.kind == "list":
            findings.comparable(operand, found.elements if found.kind == "list" else found, test.offset)
        else:
            findings.needs({"list"}, found, "IN without parentheses", member.offset)


@_test.register
def _between(test: nodes.Between, operand: Type, findings: Findings) -> None:
    for bound in (test.low, test.high):
        findings.comparable(operand, _type(bound, findings), test.offset)

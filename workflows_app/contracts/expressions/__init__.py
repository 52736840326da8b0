"""The one expression language of contracts (DESIGN.md section 4): SQL-flavoured, three-valued, without side effects."""

from workflows_app.contracts.expressions.evaluator import evaluate, is_true
from workflows_app.contracts.expressions.explain import explain
from workflows_app.contracts.expressions.infer import InferResult, infer
from workflows_app.contracts.expressions.names import free_names, references
from workflows_app.contracts.expressions.nodes import Node
from workflows_app.contracts.expressions.parser import parse
from workflows_app.contracts.expressions.templates import render, template_expressions
from workflows_app.contracts.expressions.types import Type, TypeScope
from workflows_app.contracts.expressions.values import Env, EvaluationError, ExpressionError, Pattern, Value, walk

__all__ = [
    "Env",
    "EvaluationError",
    "ExpressionError",
    "InferResult",
    "Node",
    "Pattern",
    "Type",
    "TypeScope",
    "Value",
    "evaluate",
    "explain",
    "free_names",
    "infer",
    "is_true",
    "parse",
    "references",
    "render",
    "template_expressions",
    "walk",
]
